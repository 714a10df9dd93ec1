import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startService, type Service } from '../service.js';
import { recommend } from './clients.js';
import { Load } from './load.js';

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

/** The ranker is at work again: so many answers in a row are by it. */
async function untilRanked(of: Service): Promise<void> {
  const until = Date.now() + 60_000;
  for (let inRow = 0; inRow < 20;) {
    if (Date.now() > until) throw new Error(`not ranked by its model within 60 s: ${of.said()}`);
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

  it(
    'hung a second time has its process replaced by another, and fails no request',
    async () => {
      const running = await start('hang', 2, 2);
      service = running;
      const load = new Load(running, listener, CLIENTS, REQUESTS_MAX);
      await load.forAnswers(20);
      await writeFile(from, '');
      while (!running.said().includes('2 ranking workers are stuck')) await load.forAnswers(20);
      await untilRanked(running);
      await load.end();
      expectServed(load);
    },
    TEST_WITHIN_MS,
  );
});
