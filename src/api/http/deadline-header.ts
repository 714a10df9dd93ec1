/** When the client stops waiting, as Unix time in milliseconds: what a deadline is over gRPC. */
import { SegueError } from '../../errors.js';
import { shown } from '../../shown.js';

export const DEADLINE_HEADER = 'segue-deadline';

/**
 * The client's deadline on the monotonic clock; undefined where it set none.
 *
 * @throws SegueError `SEGUE_INVALID_ARGUMENT`
 */
export function deadlineOf(
  header: string | string[] | undefined,
  clock: { readonly now: () => number; readonly wallMs: () => number },
): number | undefined {
  if (header === undefined) return undefined;
  if (typeof header === 'string' && /^\d{1,15}$/.test(header)) return clock.now() + Number(header) - clock.wallMs();
  const message = `${DEADLINE_HEADER}: given ${shown(header)}; allowed: Unix time in milliseconds`;
  throw new SegueError('SEGUE_INVALID_ARGUMENT', message, DEADLINE_HEADER);
}
