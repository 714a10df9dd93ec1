/** What `cli.ts` hands to commands, so that no command names a driver or reads the environment. */
import type { Config } from '../config.js';
import type { Cache } from '../cache/cache.js';
import type { RowStore } from '../store/row-store.js';

export interface CliContext {
  /** Configuration, parsed on first use. Throws ConfigError. */
  readonly config: () => Config;
  /** Opens the configured row store; the command closes it. */
  readonly openStore: () => RowStore;
  /** Opens an embedded row store in a directory of its own, such as one that is thrown away; the command closes it. */
  readonly openScratchStore: (directory: string) => RowStore;
  /** A cache that keeps nothing. */
  readonly openNoCache: () => Cache;
}
