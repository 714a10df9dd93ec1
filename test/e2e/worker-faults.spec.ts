import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startService, type Service } from '../service.js';
import { post, recommend, type Recorded } from './clients.js';
import { until } from './edge-process.js';
import { levelsOf, Load } from './load.js';

const PRELOAD = new URL('./fragile-workers.mjs', import.meta.url).href;
const CLIENTS = 4;
const REQUESTS_MAX = 60_000;
/** Of one test: a start, which may take a minute where cores are few and busy, and the waits within. */
const TEST_WITHIN_MS = 180_000;

const listener = (n: number): object => ({
  listenerId: `l${String(n % 200).padStart(5, '0')}`,
  surface: 'radio',
  requestId: `fault-${n}`,
});

let service: Service | undefined;
let folder: string;
/** Workers fail once it is there. */
let from: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'segue-fragile-'));
  from = join(folder, 'from-now-on');
});

afterEach(async () => {
  await service?.stop();
  service = undefined;
  await rm(folder, { recursive: true, force: true });
});

function start(fault: string, times: number, processes: number): Promise<Service> {
  return startService({
    SEGUE_PROCESSES: String(processes),
    SEGUE_MODELS_PLACEMENT: 'pool',
    SEGUE_CACHE: 'off',
    NODE_OPTIONS: `--import=${PRELOAD}`,
    FRAGILE_FAULT: fault,
    FRAGILE_FROM: from,
    FRAGILE_TIMES: String(times),
  });
}

/** The listener on whom the model hangs, by all that was played. */
const VICTIM = 'victim';
const PLAYS = 90;
/** What was scored when the model came into quarantine is answered by then. */
const SETTLED_MS = 500;

const mixed = (n: number): object => ({ ...listener(n), ...(n % 10 === 9 ? { listenerId: VICTIM } : {}) });

/** A service whose model hangs on the victim's requests alone, however often. */
async function startHanging(processes: number): Promise<Service> {
  const started = await startService({
    SEGUE_PROCESSES: String(processes),
    SEGUE_LOG_LEVEL: 'info',
    SEGUE_MODELS_PLACEMENT: 'pool',
    SEGUE_CACHE: 'off',
    NODE_OPTIONS: `--import=${PRELOAD}`,
    FRAGILE_FAULT: 'hang',
    FRAGILE_FROM: from,
    FRAGILE_TIMES: '1000',
    FRAGILE_FEATURE: 'starts_since_build',
    FRAGILE_OVER: '4',
  });
  const events = Array.from({ length: PLAYS }, (_, n) => ({
    eventId: `play-${n}`,
    type: 'play-started',
    listenerId: VICTIM,
    trackId: `t${String(1000 + n).padStart(5, '0')}`,
    occurredAt: new Date(Date.now() - (PLAYS - n) * 1000).toISOString(),
  }));
  for (let at = 0; at < PLAYS; at += 30) {
    const { body } = await post<Recorded>(started, '/v1/events', { events: events.slice(at, at + 30) });
    expect(body.accepted).toBe(30);
  }
  return started;
}

/** Over all samples whose line begins so. */
async function sum(of: Service, name: string): Promise<number> {
  const text = await (await fetch(`${of.url}/metrics`, { headers: { connection: 'close' } })).text();
  const lines = text.split('\n').filter((line) => line.startsWith(name));
  return lines.reduce((total, line) => total + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

/** The ranker is at work again: so many answers in a row are by it. */
async function untilRanked(of: Service): Promise<void> {
  const untilMs = Date.now() + 60_000;
  for (let inRow = 0; inRow < 20;) {
    if (Date.now() > untilMs) throw new Error(`not ranked by its model within 60 s: ${of.said()}`);
    const { serving } = await recommend(of, { ...listener(0), budgetMs: 2000 });
    inRow = serving.degradation.level === 'full' ? inRow + 1 : 0;
  }
}

function expectServed(load: Load): void {
  expect(load.errors).toEqual([]);
  expect(load.answers.filter(({ status }) => status !== 200)).toEqual([]);
  expect(load.answers.filter(({ slate }) => slate.items.length === 0)).toEqual([]);
}

describe('a ranking worker', () => {
  it.each([
    ['in an endless loop', 'loop', 1],
    ['that exits', 'exit', 3],
    ['that throws', 'throw', 3],
    ['out of heap', 'heap', 2],
    ['hung in native code', 'hang', 1],
  ])(
    '%s fails no request, and is replaced',
    async (_what, fault, times) => {
      const running = await start(fault, times, 1);
      service = running;
      const load = new Load(running, listener, CLIENTS, REQUESTS_MAX);
      await load.forAnswers(20);
      await writeFile(from, '');
      const seen = (): unknown =>
        load.answers.find(({ slate }) => slate.serving.degradation.reasons.some(({ stage }) => stage === 'rank'));
      while (seen() === undefined) await load.forAnswers(20);
      await untilRanked(running);
      await load.end();
      expectServed(load);
      expect(load.answers.find(({ slate }) => slate.serving.degradation.level === 'full')).toBeDefined();
    },
    TEST_WITHIN_MS,
  );

  it('hung a second time has its process replaced by another, and fails no request', async () => {
    const running = await start('hang', 2, 2);
    service = running;
    const load = new Load(running, listener, CLIENTS, REQUESTS_MAX);
    await load.forAnswers(20);
    await writeFile(from, '');
    while (!running.said().includes('2 ranking workers are stuck')) await load.forAnswers(20);
    await until(async () => (await sum(running, 'segue_process_replacements_total')) === 1 || undefined);
    await load.forAnswers(20);
    await load.end();
    expectServed(load);
    expect(await sum(running, 'segue_ranking_workers_total{outcome="stuck"}')).toBe(2);
    expect(await sum(running, 'segue_process_restarts_total')).toBe(0);
  }, 60_000);
});

describe('a model that hangs on some requests', () => {
  it('is in quarantine in all processes, which are replaced one after the other, and fails no request', async () => {
    const running = await startHanging(2);
    service = running;
    const load = new Load(running, mixed, CLIENTS, REQUESTS_MAX);
    await load.forAnswers(20);
    await writeFile(from, '');
    while (!running.said().includes('a model is in quarantine in all processes')) await load.forAnswers(5);
    const quarantinedAtMs = load.nowMs + SETTLED_MS;
    await until(async () => (await sum(running, 'segue_process_replacements_total')) > 0 || undefined);
    await until(async () => (await sum(running, 'segue_ranking_threads{state="stuck"')) === 0 || undefined);
    await load.forAnswers(200);
    await load.end();

    expectServed(load);
    const after = load.since(quarantinedAtMs);
    expect(after.length).toBeGreaterThan(100);
    expect(levelsOf(after).full).toBeUndefined();
    expect(after.at(-1)?.slate.serving.degradation.reasons).toContainEqual({
      stage: 'rank',
      cause: 'unavailable',
      detail: expect.stringMatching(/^model next-track@\S+ was rejected: 2 ranking workers are stuck on it/) as string,
    });
    // Each was over before the next began, and no new process met the model.
    const steps = running.said().match(/to take the place of another|process was replaced/g) ?? [];
    expect(steps.length).toBeGreaterThanOrEqual(2);
    expect(steps).toEqual(steps.map((_, i) => ['to take the place of another', 'process was replaced'][i % 2]));
    expect(await sum(running, 'segue_processes')).toBe(2);
    expect(await sum(running, 'segue_process_restarts_total')).toBe(0);
    expect(await sum(running, 'segue_ranking_bundles{status="live"')).toBe(0);
  }, 120_000);

  it('leaves a single process serving by the first phase, ready, and saying what is the matter', async () => {
    const running = await startHanging(1);
    service = running;
    const load = new Load(running, mixed, CLIENTS, REQUESTS_MAX);
    await load.forAnswers(20);
    await writeFile(from, '');
    while (!running.said().includes('start this process anew')) await load.forAnswers(5);
    const quarantinedAtMs = load.nowMs + SETTLED_MS;
    while (load.since(quarantinedAtMs).length < 200) await load.forAnswers(20);
    await load.end();

    expectServed(load);
    expect(levelsOf(load.since(quarantinedAtMs))).toEqual({ light: load.since(quarantinedAtMs).length });
    expect((await fetch(`${running.url}/readyz`)).status).toBe(200);
    expect(await sum(running, 'segue_ranking_threads{state="stuck"')).toBeGreaterThanOrEqual(2);
    expect(await sum(running, 'segue_ranking_workers_total{outcome="stuck"}')).toBeGreaterThanOrEqual(2);
    expect(await sum(running, 'segue_ranking_workers_total{outcome="replaced"}')).toBeGreaterThanOrEqual(2);
    expect(running.said().match(/start this process anew/g)).toHaveLength(1);
    expect(running.said()).toContain('"message":"a ranking worker is lost"');
  }, 90_000);
});
