/** The demo world, loaded once a run and copied for every service that starts on it. */
import { cp, mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readManifest } from '../src/ranking/bundle.js';
import { openLmdbStore } from '../src/store/lmdb/lmdb-store.js';
import { LIVE_TABLES } from '../src/store/tables.js';
import { openWorld } from '../src/worlds/loaded-worlds.js';
import { readPointer } from '../src/worlds/pointer.js';
import { segueDone } from '../test/cli.js';
import { requestBodies } from './requests.js';

export const DEMO_BUILD = 'data/demo/world';
export const SHIPPED_MODEL = 'models/next-track/1.0.0';
const LISTENERS = 2000;
const REQUESTS = 10_000;
const SEED = 1;
/** The most a request may ask for: where throughput is compared, nothing is given up to be in time. */
const AMPLE_BUDGET_MS = 2000;

export interface DemoWorld {
  /** Not to be written to; see `copyOf`. */
  readonly dataDir: string;
  readonly tracks: number;
  /** Each another request, with an ample budget. */
  readonly bodies: readonly string[];
  /** The bodies, one a line. */
  readonly bodiesFile: string;
}

/** @param workDir of this run */
export async function loadDemo(workDir: string): Promise<DemoWorld> {
  const dataDir = join(workDir, 'demo');
  await mkdir(dataDir, { recursive: true });
  await segueDone(['load', DEMO_BUILD], { SEGUE_DATA_DIR: dataDir });
  const store = openLmdbStore({ dataDir });
  try {
    for (const table of LIVE_TABLES) await store.createTable(table);
    const pointer = await readPointer(store);
    if (pointer === undefined) throw new Error('the demo world was not loaded');
    const { catalogue } = await openWorld(store, pointer.generation);
    const bodies = requestBodies({
      count: REQUESTS,
      seed: SEED,
      listeners: LISTENERS,
      listenerIdOf: (index) => `l${String(index).padStart(5, '0')}`,
      tracks: { count: catalogue.count, idOf: (ordinal) => catalogue.idOf(ordinal) },
      budgetMs: AMPLE_BUDGET_MS,
    });
    const bodiesFile = join(workDir, 'bodies.txt');
    await writeFile(bodiesFile, bodies.map((body) => `${body}\n`).join(''));
    return { dataDir, tracks: catalogue.count, bodies, bodiesFile };
  } finally {
    await store.close();
  }
}

/** A data directory of its own with the demo world in it. */
export async function copyOf({ dataDir }: DemoWorld, workDir: string): Promise<string> {
  const copy = await mkdtemp(join(workDir, 'data-'));
  await cp(dataDir, copy, { recursive: true });
  return copy;
}

/** Features of the shipped model, in order. */
export async function shippedFeatures(): Promise<readonly string[]> {
  return (await readManifest(SHIPPED_MODEL)).featureNames;
}
