/** Worlds of any size, written once and kept for later runs. */
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { access, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readManifest } from '../../src/ranking/bundle.js';
import type { BenchContext } from '../context.js';
import { SHIPPED_MODEL } from '../demo.js';
import { runProgram } from '../program.js';
import { requestBodies } from '../requests.js';
import { SYNTHETIC_GENERATION, syntheticListenerId, syntheticTrackId, worldName, type WorldShape } from './shape.js';

export interface WriteWorldOptions extends WorldShape {
  readonly dataDir: string;
  /** Of the shipped model, so that it ranks on this world too. */
  readonly dataFingerprint: string;
}

export interface SyntheticWorld {
  readonly shape: WorldShape;
  /** For SEGUE_DATA_DIR; kept for later runs. */
  readonly dataDir: string;
  readonly bodies: readonly string[];
}

const REQUESTS = 20_000;
const READ_BYTES = 4 * 2 ** 20;
const SEED = 21;
/** Nothing is given up to be in time while memory is cold. */
const BUDGET_MS = 2000;

export async function syntheticWorld(context: BenchContext, shape: WorldShape): Promise<SyntheticWorld> {
  const dataDir = join(context.worldsDir, worldName(shape));
  const isThere = await access(dataDir).then(
    () => true,
    () => false,
  );
  if (!isThere) {
    const beside = `${dataDir}.part`;
    await rm(beside, { recursive: true, force: true });
    await mkdir(beside, { recursive: true });
    const { dataFingerprint } = await readManifest(SHIPPED_MODEL);
    const options: WriteWorldOptions = { ...shape, dataDir: beside, dataFingerprint };
    await runProgram(new URL('./write-world.js', import.meta.url), options, {
      onProgress: (table) => {
        context.progress(`writing a world of ${shape.tracks} tracks and ${shape.listeners} listeners: ${table}`);
      },
    });
    await rename(beside, dataDir);
  }
  context.progress(`reading the world of ${shape.tracks} tracks into memory`);
  await readThrough(join(dataDir, 'rows', SYNTHETIC_GENERATION, 'data.mdb'));
  const bodies = requestBodies({
    count: REQUESTS,
    seed: SEED,
    listeners: shape.listeners,
    listenerIdOf: syntheticListenerId,
    tracks: { count: shape.tracks, idOf: syntheticTrackId },
    budgetMs: BUDGET_MS,
  });
  return { shape, dataDir, bodies };
}

/** So that its pages are in the system's cache, as those of a service that has run for a while. */
async function readThrough(file: string): Promise<void> {
  await once(createReadStream(file, { highWaterMark: READ_BYTES }).resume(), 'end');
}
