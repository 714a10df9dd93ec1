import { startService, type Service } from '../service.js';
import type { Slate } from './clients.js';

const KEYS = { app: '0123456789abcdef', job: 'fedcba9876543210' } as const;
type Name = keyof typeof KEYS;

interface Answered {
  readonly status: number;
  readonly body: Slate & { readonly code?: string; readonly retryAfterMs?: number };
}

let service: Service;

beforeAll(async () => {
  service = await startService({
    SEGUE_PROCESSES: '1',
    SEGUE_MODELS_PLACEMENT: 'inline',
    SEGUE_CLIENT_KEYS: Object.entries(KEYS)
      .map(([name, key]) => `${name}:${key}`)
      .join(','),
    SEGUE_CLIENT_LIMITS: '[{ name: app, class: interactive }, { name: job, class: batch }]',
  });
}, 180_000);

afterAll(async () => {
  await service.stop();
});

let next = 0;

async function ask(name: Name): Promise<Answered> {
  const n = next++;
  const response = await fetch(`${service.url}/v1/recommend`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${KEYS[name]}` },
    body: JSON.stringify({
      listenerId: `l${String(n % 500).padStart(5, '0')}`,
      surface: 'now-playing',
      limit: 10,
      budgetMs: 2000,
      seedTrackId: `t${String(n % 5000).padStart(5, '0')}`,
    }),
  });
  return { status: response.status, body: (await response.json()) as Answered['body'] };
}

/** So many requests at a time, until so many are answered. */
async function load(name: Name, atOnce: number, count: number): Promise<Answered[]> {
  const answers: Answered[] = [];
  const client = async (): Promise<void> => {
    while (answers.length < count) answers.push(await ask(name));
  };
  await Promise.all(Array.from({ length: atOnce }, client));
  return answers;
}

it('under far too much, everyone is answered with tracks or told when to try again, and urgent requests are ranked', async () => {
  const flood = load('job', 300, 3_000);
  const urgent = await load('app', 2, 60);
  for (const { status, body } of urgent) {
    expect(status).toBe(200);
    expect(['full', 'reduced', 'light']).toContain(body.serving.degradation.level);
  }
  const answers = await flood;
  const served = answers.filter(({ status }) => status === 200);
  const refused = answers.filter(({ status }) => status !== 200);
  for (const { status, body } of refused) {
    expect([status, body.code]).toEqual([429, 'SEGUE_OVERLOADED']);
    expect(body.retryAfterMs).toBeGreaterThanOrEqual(500);
  }
  expect(served.every(({ body }) => body.items.length === 10)).toBe(true);
  const popular = served.filter(({ body }) => body.serving.degradation.level === 'popular');
  expect(popular.length).toBeGreaterThan(0);
  for (const { body } of popular) {
    const tracks = body.items.map(({ trackId }) => trackId);
    expect(new Set(tracks).size).toBe(tracks.length);
    expect(body.serving.degradation.reasons).toEqual([
      {
        stage: 'admit',
        cause: 'overload',
        detail: expect.stringMatching(/^(pushed-out|waited-too-long|would-wait-too-long) after \d/) as string,
      },
    ]);
  }
  // Some of the flood is ranked too.
  expect(served.length).toBeGreaterThan(popular.length);

  const metrics = await (
    await fetch(`${service.url}/metrics`, { headers: { authorization: `Bearer ${KEYS.app}` } })
  ).text();
  expect(metrics).toMatch(/segue_admission_shed_total\{[^}]*client="job"[^}]*\} \d+/);
  expect(metrics).not.toMatch(/segue_admission_shed_total\{[^}]*client="app"/);
  expect(metrics).toMatch(/segue_admission_limit\{process="0"\} \d+/);
  expect(metrics).toMatch(/segue_admission_width_share\{client="app",class="interactive",process="0"\} [01]/);
  // A line when it begins and one for each ten seconds, not one for each request.
  const lines = service
    .said()
    .split('\n')
    .filter((line) => line.includes('as asked'));
  expect(lines.length).toBeGreaterThan(0);
  expect(lines.length).toBeLessThan(30);
});

it('after it, all are ranked again', async () => {
  const answers = await load('job', 1, 30);
  const ranked = answers.slice(-10).map(({ body }) => body.serving.degradation.level);
  expect(ranked).not.toContain('popular');
});
