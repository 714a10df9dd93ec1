/** The process that admission starts for one bundle. Told by its arguments what to check; answers over IPC. */
import { checkBundle } from './admission-checks.js';
import { BundleError } from './bundle-error.js';

const [dir = '', width = ''] = process.argv.slice(2);

function tell(message: object): void {
  process.send?.(message);
}

try {
  const result = await checkBundle(
    dir,
    Number(width),
    (step) => {
      tell({ step });
    },
    () => performance.now(),
  );
  tell({ result });
} catch (error) {
  const known = error instanceof BundleError;
  const why = error instanceof Error ? error.message : String(error);
  tell({ result: { admitted: false, reason: known ? why : `admission failed: ${why}` } });
}
process.disconnect();
