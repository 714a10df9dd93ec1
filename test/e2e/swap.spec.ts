import { segueDone } from '../cli.js';
import { startService, type Service } from '../service.js';
import { essence, recommend, type Slate } from './clients.js';
import { Load } from './load.js';

const WORLDS = 20;
const LISTENERS = 30;

/** The same request always, so that each generation has one right answer to it. */
function requestOf(n: number): object {
  const listener = n % LISTENERS;
  return { listenerId: `l${String(listener).padStart(5, '0')}`, surface: 'now-playing', requestId: `swap-${listener}` };
}

function withoutGeneration(slate: Slate): string {
  return JSON.stringify({ ...essence(slate), generation: '' });
}

describe('a new world, twenty times under load', () => {
  let service: Service;
  let load: Load;

  beforeAll(async () => {
    // Without the cache, each answer comes from the rows of its own generation.
    service = await startService({ SEGUE_CACHE: 'off', SEGUE_WORLDS_POLL_MS: '100', SEGUE_PROCESSES: '2' });
  });

  afterAll(async () => {
    await load.end();
    await service.stop();
  });

  it('fails no request and mixes no generations', async () => {
    const worlds = ['data/demo/world', 'test/fixtures/other-world'];
    const right = new Map<string, Map<number, string>>();
    load = new Load(service, requestOf, 4, 1_000_000);
    const generations = new Set<string>();
    for (let i = 0; i < WORLDS; i++) {
      const name = `g-swap-${i}`;
      await segueDone(['load', worlds[i % 2], '--force', '--generation', name], service.env);
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
  });
});

/** Both processes have taken it: so many answers in a row are of it. */
async function untilServedBy(service: Service, generation: string): Promise<void> {
  const until = Date.now() + 30_000;
  let inRow = 0;
  while (inRow < 20) {
    if (Date.now() > until) throw new Error(`${generation} was not served within 30 s`);
    // A connection each time, so that both processes are asked.
    const slate = await recommend(service, { listenerId: 'l00001', surface: 'radio' });
    inRow = slate.serving.generation === generation ? inRow + 1 : 0;
  }
}
