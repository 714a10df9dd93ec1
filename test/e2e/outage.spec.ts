import { segueDone } from '../cli.js';
import { describeWithServers } from '../servers.js';
import { startService, type Service } from '../service.js';
import { startBackends, type Backends } from './backends.js';
import { recommend } from './clients.js';
import { levelsOf, Load } from './load.js';

const LISTENERS = 40;
/** After the servers are back, so soon all is full again; a few seconds where cores are not busy with other things. */
const HEAL_WITHIN_MS = 30_000;

function requestOf(n: number): object {
  return {
    listenerId: `l${String(n % LISTENERS).padStart(5, '0')}`,
    surface: 'now-playing',
    limit: 10,
    budgetMs: 2000,
  };
}

describeWithServers('an outage under load', ['bigtable-emulator', 'memcached'], () => {
  let behind: Backends;
  let service: Service;
  let load: Load;

  beforeAll(async () => {
    behind = await startBackends();
    service = await startService({ ...behind.env, SEGUE_PROCESSES: '1' });
    for (let n = 0; n < LISTENERS; n++) await recommend(service, requestOf(n));
    load = new Load(service, requestOf, 4, 1_000_000);
    await load.forAnswers(100);
  });

  afterAll(async () => {
    await load.end();
    await service.stop();
    await behind.stop();
  });

  afterEach(() => {
    expect(load.errors).toEqual([]);
    expect(load.answers.filter(({ status }) => status !== 200)).toEqual([]);
    expect(load.answers.filter(({ slate }) => slate.items.length !== 10)).toEqual([]);
  });

  it('stays full while Memcached is down', async () => {
    await behind.memcached.stop();
    const downMs = load.nowMs;
    await load.forAnswers(500);
    expect(levelsOf(load.since(downMs))).toEqual({ full: expect.any(Number) as number });
  });

  it('serves the last lists or what is popular while Bigtable is down too, and says why', async () => {
    await behind.bigtable.stop();
    const downMs = load.nowMs;
    while (load.since(downMs + 500).length < 200) await load.forAnswers(50);
    const answers = load.since(downMs + 500);
    expect(Object.keys(levelsOf(answers)).filter((level) => level !== 'cached' && level !== 'popular')).toEqual([]);
    for (const { slate } of answers) {
      expect(slate.serving.degradation.reasons).toContainEqual(
        expect.objectContaining({ stage: 'listen', cause: expect.stringMatching(/^(unavailable|timeout)$/) as string }),
      );
    }
  });

  it('serves a listener whose list it does not have what is popular', async () => {
    const slate = await recommend(service, { listenerId: 'l01999', surface: 'radio', limit: 10 });
    expect(slate.serving.degradation.level).toBe('popular');
    expect(slate.items).toHaveLength(10);
  });

  it('is full again soon after both are back', async () => {
    await behind.memcached.start();
    await behind.bigtable.start();
    // The emulator forgot everything when it was killed.
    await segueDone(['load', 'data/demo/world'], service.env);
    const untilMs = load.nowMs + HEAL_WITHIN_MS;
    for (;;) {
      const fromMs = load.nowMs;
      await load.forAnswers(200);
      const levels = Object.keys(levelsOf(load.since(fromMs)));
      if (levels.join() === 'full') break;
      // Not within the time that a slow machine may take, it says which levels there were instead.
      if (load.nowMs > untilMs) expect(levels).toEqual(['full']);
    }
  });
});
