/** build.json: what a build is, written last. */
import type { BuildFile } from '../load/build-files.js';

export const BUILD_MANIFEST = 'build.json';

export interface BuildManifest {
  readonly format: 1;
  /** sha256, hex, over what the build could see of both sources. */
  readonly dataFingerprint: string;
  /** ISO 8601; null where every play counted. */
  readonly asOf: string | null;
  /** Latest play, milliseconds since the epoch; 0 where nothing was played. */
  readonly builtThroughMs: number;
  readonly window: { readonly firstMs: number; readonly lastMs: number };
  /** Rows of each file. */
  readonly counts: Readonly<Record<BuildFile, number>>;
  readonly skipped: { readonly rows: number; readonly byReason: Readonly<Record<string, number>> };
  /** Names of the files that were read, without their directories. */
  readonly sources: { readonly plays: string; readonly tracks: string };
  /** ISO 8601. */
  readonly createdAt: string;
}
