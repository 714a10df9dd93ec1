import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listenerId, writeBuild } from '../fixtures/build.js';
import { openLmdbStore } from '../../src/store/lmdb/lmdb-store.js';
import { loadWorld } from '../../src/worlds/load/load-world.js';
import { thisProcess } from '../../src/worlds/load/owner.js';
import { SYSTEM_CLOCK } from '../../src/commands/system-clock.js';
import { startService, type Service } from '../service.js';
import { essence, recommend, type Slate } from './clients.js';
import { Load } from './load.js';

const WORLDS = 20;
const LISTENERS = 30;
const POLL_MS = 100;

/** The same request always, so that each generation has one right answer to it. */
function requestOf(n: number): object {
  const listener = n % LISTENERS;
  return { listenerId: listenerId(listener), surface: 'now-playing', requestId: `swap-${listener}`, budgetMs: 2000 };
}

function withoutGeneration(slate: Slate): string {
  return JSON.stringify({ ...essence(slate), generation: '' });
}

describe('a new world, twenty times under load', () => {
  let service: Service;
  let load: Load;
  let builds: string;

  beforeAll(async () => {
    builds = await mkdtemp(join(tmpdir(), 'segue-builds-'));
    await writeBuild(join(builds, 'other'), { tracks: 1_000, listeners: LISTENERS, contexts: 3, seed: 1 });
    // Without the cache, each answer comes from the rows of its own generation.
    service = await startService({ SEGUE_CACHE: 'off', SEGUE_WORLDS_POLL_MS: String(POLL_MS), SEGUE_PROCESSES: '2' });
  });

  afterAll(async () => {
    await load.end();
    await service.stop();
    await rm(builds, { recursive: true });
  });

  it('fails no request and mixes no generations', async () => {
    const store = openLmdbStore({ dataDir: service.dataDir });
    const right = new Map<string, Map<number, string>>();
    load = new Load(service, requestOf, 2, 1_000_000);
    const generations = new Set<string>();
    for (let i = 0; i < WORLDS; i++) {
      const name = `g-swap-${i}`;
      await loadWorld(i % 4 === 1 ? 'data/demo/world' : join(builds, 'other'), {
        store,
        owner: thisProcess(),
        clock: SYSTEM_CLOCK,
        force: true,
        generation: name,
        onProgress: () => undefined,
      });
      await untilServedBy(service, name);
      const answers = new Map<number, string>();
      for (let n = 0; n < LISTENERS; n++) {
        const slate = await recommend(service, requestOf(n));
        expect(slate.serving.generation).toBe(name);
        answers.set(n, withoutGeneration(slate));
      }
      right.set(name, answers);
      generations.add(name);
      await load.forAnswers(20);
    }
    await load.end();
    await store.close();

    expect(load.errors).toEqual([]);
    expect(load.answers.filter(({ status }) => status !== 200)).toEqual([]);
    // The two worlds answer differently, or a mix could not be seen.
    expect(right.get('g-swap-0')).not.toEqual(right.get('g-swap-1'));
    const seen = new Set<string>();
    for (const { slate } of load.answers) {
      const { generation } = slate.serving;
      const answers = right.get(generation);
      if (answers === undefined) continue;
      seen.add(generation);
      expect(withoutGeneration(slate)).toBe(answers.get(Number(slate.requestId.split('-')[1])));
    }
    expect(seen.size).toBe(WORLDS);
  }, 300_000);
});

/** Both processes have taken it: all answers are of it for longer than either needs to look for a new world. */
async function untilServedBy(service: Service, generation: string): Promise<void> {
  const until = Date.now() + 30_000;
  let since = Infinity;
  while (since === Infinity || Date.now() - since < 10 * POLL_MS) {
    if (Date.now() > until) throw new Error(`${generation} was not served within 30 s`);
    const slate = await recommend(service, { listenerId: listenerId(0), surface: 'radio' });
    if (slate.serving.generation !== generation) since = Infinity;
    else if (since === Infinity) since = Date.now();
  }
}
