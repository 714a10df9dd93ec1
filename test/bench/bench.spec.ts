import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { RATIO_NAMES } from '../../bench/report/ratios.js';
import type { Report } from '../../bench/report/report.js';

const run = promisify(execFile);
const COMPILED = '../../dist-bench/bench/load/open-loop.js';
const ANSWER = JSON.stringify({ items: [{ trackId: 't' }], serving: { degradation: { level: 'full', reasons: [] } } });

let out: string;

beforeAll(async () => {
  await run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'bench/tsconfig.json']);
  out = await mkdtemp(join(tmpdir(), 'segue-bench-test-'));
}, 240_000);

afterAll(async () => {
  await rm(out, { recursive: true, force: true });
});

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function bench(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  const command = ['--enable-source-maps', 'dist-bench/bench/main.js', ...args];
  try {
    return {
      code: 0,
      ...(await run(process.execPath, command, { env: { ...process.env, NODE_OPTIONS: '', ...env } })),
    };
  } catch (error) {
    return error as Ran;
  }
}

describe('npm run bench', () => {
  it.each([
    ['--json', '/dev/null/x/result.json', 'a file that can be written', "mkdir '/dev/null/x'"],
    ['--json', '/', 'a file that can be written', "open '/'"],
    ['--out', '/dev/null/x', 'a folder that can be made and written to', "mkdir '/dev/null/x'"],
  ])('refuses %s %s before it measures anything', async (option, path, allowed, why) => {
    const elsewhere = option === '--out' ? [] : ['--out', join(out, 'refused')];
    const ran = await bench(['--smoke', '--only', 'limit', option, path, ...elsewhere]);
    expect({ code: ran.code, stdout: ran.stdout }).toEqual({ code: 1, stdout: '' });
    expect(ran.stderr).toMatch(/^bench: .*\n$/);
    expect(ran.stderr).toContain(`bench: ${option}: given "${path}"; allowed: ${allowed}; here: `);
    expect(ran.stderr).toContain(why);
  });

  it('runs what is asked for, says what failed and why, goes on with the rest, and ends with 1', async () => {
    const json = join(out, 'missing', 'folder', 'result.json');
    const names = 'http,limit,in-process';
    // Without wrk on the path, throughput cannot be measured.
    const ran = await bench(['--smoke', '--only', names, '--json', json, '--out', join(out, 'report')], { PATH: '' });
    expect(ran.code).toBe(1);
    const { scenarios, ratios, machine } = JSON.parse(await readFile(json, 'utf8')) as Report;
    expect(machine.cores).toBeGreaterThan(0);
    expect(scenarios.map(({ name, ok }) => [name, ok])).toEqual([
      ['http', false],
      ['limit', true],
      ['in-process', true],
    ]);
    expect(scenarios[0]).toMatchObject({ error: expect.stringContaining('apt-get install wrk') as string });
    expect(Object.keys(ratios)).toEqual([...RATIO_NAMES]);
    const known = RATIO_NAMES.filter((name) => ratios[name] !== null);
    expect(known).toEqual(['inProcessVsLimit']);
    expect(ratios.inProcessVsLimit).toBeGreaterThan(0);
    for (const scenario of scenarios.slice(1)) {
      expect(scenario).toMatchObject({ metrics: { candidates: expect.closeTo(500, -1) as number } });
    }
    expect(ran.stdout).toBe(await readFile(join(out, 'report', 'report.md'), 'utf8'));
    expect(await readFile(join(out, 'report', 'limit.svg'), 'utf8')).toContain('<polyline');
    expect(ran.stderr).toContain('http failed: wrk is missing');
  }, 180_000);

  it('refuses a scenario that there is not, and lists those there are', async () => {
    const refused = await bench(['--only', 'nothing']);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('given nothing; allowed: limit,');
    const { stdout } = await bench(['--list']);
    expect(stdout.split('\n').map((line) => line.split(' ')[0])).toEqual(expect.arrayContaining(['http', 'stalls']));
  });
});

describe('a load at a fixed rate', () => {
  let server: Server;

  async function serve(answer: RequestListener): Promise<number> {
    server = createServer(answer);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }

  afterEach(() => {
    server.close();
    server.closeAllConnections();
  });

  async function load(options: object): Promise<import('../../bench/load/open-loop.js').OpenLoopReport> {
    const { openLoop } = (await import(COMPILED)) as typeof import('../../bench/load/open-loop.js');
    return await openLoop('http', {
      port: 0,
      bodies: ['{"a":1}', '{"b":22}'],
      ratePerSecond: 100,
      seconds: 0.5,
      ...options,
    });
  }

  it('counts the time that requests wait for a free connection', async () => {
    const holdMs = 20;
    const port = await serve((request, response) => {
      request.resume().once('end', () => void sleep(holdMs).then(() => response.end(ANSWER)));
    });
    // One connection takes at most 50 requests a second, and 100 are meant to leave.
    const { windows } = await load({ port, connections: 1 });
    const [{ requests, answered, latencyMs, levels }] = windows;
    expect({ requests, answered, levels }).toEqual({ requests: 50, answered: 50, levels: { full: 50 } });
    // The last was meant to leave after 490 ms, and can leave after 49 others were held.
    expect(latencyMs.max).toBeGreaterThanOrEqual(50 * holdMs - 490);
  });

  it('sends whole bodies in turn, and reads answers that come in pieces', async () => {
    const bodies: string[] = [];
    const port = await serve((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (text: string) => (body += text));
      request.once('end', () => {
        bodies.push(body);
        response.writeHead(200, { 'content-length': ANSWER.length });
        response.write(ANSWER.slice(0, 10));
        setImmediate(() => response.end(ANSWER.slice(10)));
      });
    });
    const { windows } = await load({ port, connections: 3 });
    expect(windows[0]).toMatchObject({ requests: 50, answered: 50, empty: 0, levels: { full: 50 } });
    expect(bodies.filter((body) => body === '{"a":1}')).toHaveLength(25);
    expect(bodies.filter((body) => body === '{"b":22}')).toHaveLength(25);
  });

  it('ends once all answers have been full for a while, where it is told to, and not before', async () => {
    let count = 0;
    const port = await serve((request, response) => {
      count++;
      response.end(count % 10 === 1 && count < 100 ? ANSWER.replace('full', 'light') : ANSWER);
    });
    const { windows } = await load({ port, seconds: 60, untilWholeFromMs: 500 });
    const [{ requests, levels }] = windows;
    expect(levels).toEqual({ light: 10, full: requests - 10 });
    expect(requests).toBeGreaterThan(91 + 200);
    expect(requests).toBeLessThan(60 * 100);
    expect(count).toBe(requests);
  });

  it('counts other statuses and closed connections as failures', async () => {
    let count = 0;
    const port = await serve((request, response) => {
      count++;
      if (count % 5 === 0) request.socket.destroy();
      else if (count % 5 === 1) response.writeHead(429, { 'content-length': 2 }).end('{}');
      else response.end(ANSWER);
    });
    const { windows } = await load({ port, connections: 1 });
    expect(windows[0]).toMatchObject({
      requests: 50,
      answered: 30,
      failed: 20,
      failures: { 'status 429': 10, closed: 10 },
    });
  });

  it('sends again what a closing connection did not answer, where it is told to', async () => {
    let count = 0;
    const port = await serve((request, response) => {
      count++;
      if (count % 5 === 0) request.socket.destroy();
      else response.end(ANSWER);
    });
    const { windows, resent } = await load({ port, connections: 1, resendsWhenClosed: true });
    expect(windows[0]).toMatchObject({ requests: 50, answered: 50, failed: 0 });
    expect(resent).toBe(12);
  });
});
