/** Where the compiled service is: `npm run build` made it for tests; the benchmarks are compiled together with it. */
import { join, resolve } from 'node:path';

const DIRECTORY = import.meta.filename.endsWith('.js') ? resolve(import.meta.dirname, '..', 'src') : 'dist';

export const BUILT_MAIN = join(DIRECTORY, 'main.js');
export const BUILT_CLI = join(DIRECTORY, 'cli.js');
