import { readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { compiledSource } from '../compiled.js';
import { freePort } from '../servers.js';
import { startEdgeProcess, until, type EdgeProcess } from './edge-process.js';

let compiled: string;
let started: EdgeProcess[] = [];

beforeAll(async () => {
  compiled = await compiledSource();
});

afterEach(async () => {
  for (const edge of started) edge.child.kill('SIGTERM');
  await Promise.all(started.map((edge) => edge.ended));
  started = [];
});

afterAll(async () => {
  await rm(compiled, { recursive: true, force: true });
});

async function start(
  env: Record<string, string>,
): Promise<EdgeProcess & { readonly url: string; readonly httpPort: number; readonly grpcPort: number }> {
  const edge = startEdgeProcess(compiled, env);
  started.push(edge);
  const { httpPort, grpcPort } = await edge.said({ message: 'serving' });
  return {
    ...edge,
    httpPort: Number(httpPort),
    grpcPort: Number(grpcPort),
    url: `http://127.0.0.1:${String(httpPort)}`,
  };
}

function ask(url: string, listenerId: string): Promise<Response> {
  return fetch(`${url}/v1/recommend`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', connection: 'close' },
    body: JSON.stringify({ listenerId, surface: 'radio' }),
  });
}

interface Thread {
  readonly id: number;
  readonly name: string;
  readonly niceness: number;
}

async function threadsOf(pid: number): Promise<Thread[]> {
  const tasks = `/proc/${pid}/task`;
  return await Promise.all(
    (await readdir(tasks)).map(async (id) => {
      const stat = await readFile(`${tasks}/${id}/stat`, 'latin1');
      // `id (name) state …`: the niceness is the 19th field.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
      return { id: Number(id), name, niceness: Number(fields[16]) };
    }),
  );
}

/** The id of the process that answered. */
async function answeredBy(url: string): Promise<number> {
  const answer = (await (await ask(url, 'l')).json()) as { serving: { generation: string } };
  return Number(answer.serving.generation);
}

/** Ids of both processes: a connection goes to whichever is free first. */
async function processesOf(url: string): Promise<number[]> {
  const pids = new Set<number>();
  return until(async () => {
    pids.add(await answeredBy(url));
    return pids.size === 2 ? [...pids] : undefined;
  });
}

async function sampleOf(url: string, name: string): Promise<number | undefined> {
  const text = await (await fetch(`${url}/metrics`, { headers: { connection: 'close' } })).text();
  const line = text.split('\n').find((one) => one.startsWith(`${name} `) || one.startsWith(`${name}{`));
  return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(' ') + 1));
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('two processes', () => {
  it('share a port, and each scrape has the metrics of both, even after one was killed', async () => {
    const { url } = await start({ SEGUE_PROCESSES: '2' });
    const [victim] = await processesOf(url);
    for (let i = 0; i < 20; i++) await ask(url, '');
    expect(await sampleOf(url, 'segue_errors_total')).toBe(20);
    expect(await sampleOf(url, 'process_memory_usage_bytes{process="0"}')).toBeGreaterThan(0);
    expect(await sampleOf(url, 'process_memory_usage_bytes{process="1"}')).toBeGreaterThan(0);

    process.kill(victim, 'SIGKILL');
    await until(async () => ((await sampleOf(url, 'segue_process_restarts_total')) === 1 ? true : undefined));
    const pids = await processesOf(url);
    expect(pids).not.toContain(victim);
    expect(await sampleOf(url, 'segue_errors_total')).toBe(20);
  });

  it('leave no connection with one that hangs; where both do and are killed, what waits is closed', async () => {
    const { url } = await start({ SEGUE_PROCESSES: '2' });
    const [one, other] = await processesOf(url);
    process.kill(one, 'SIGSTOP');
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask(url, 'l')));
    expect(answers.map((answer) => answer.status)).toEqual(Array(8).fill(200));
    process.kill(other, 'SIGSTOP');
    const waiting = Array.from({ length: 8 }, () => ask(url, 'l'));
    const untilKilled = await Promise.all(waiting.map((answer) => Promise.race([answer, pause(500, 'waits')])));
    expect(untilKilled).toEqual(Array(8).fill('waits'));
    for (const pid of [one, other]) process.kill(pid, 'SIGKILL');
    for (const answer of waiting) await expect(answer).rejects.toThrow();
  });

  it('take no request before the one that listens first is ready, however early the other is', async () => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const env = { SEGUE_PROCESSES: '2', SEGUE_HTTP_PORT: String(port), TEST_FIRST_MS: '3000' };
    const edge = startEdgeProcess(compiled, env);
    started.push(edge);
    await edge.said({ message: 'prepared', slot: 1 });
    const statuses: number[] = [];
    await until(async () => {
      // Before the first process listens, connections are refused.
      const answer = await ask(url, 'l').catch(() => undefined);
      if (answer !== undefined) statuses.push(answer.status);
      return statuses.length === 20 ? true : undefined;
    });
    expect(statuses).toEqual(Array(20).fill(503));
    await edge.said({ message: 'prepared', slot: 0 });
    await edge.said({ message: 'serving' });
    await processesOf(url);
  });

  it('end when the primary is killed', async () => {
    const { url, child } = await start({ SEGUE_PROCESSES: '2' });
    const pids = await processesOf(url);
    child.kill('SIGKILL');
    await until(() => Promise.resolve(pids.some(isRunning) ? undefined : true));
  });
});

describe.each([['1'], ['2']])('drain of %s', (processes) => {
  it('answers what runs, takes nothing new and ends with 0', async () => {
    const edge = await start({ SEGUE_PROCESSES: processes });
    const answer = ask(edge.url, 'slow');
    await edge.said({ message: 'waiting' });
    edge.child.kill('SIGTERM');
    await edge.said({ message: 'draining' });
    expect((await answer).status).toBe(200);
    expect(await edge.ended).toBe(0);
    await expect(ask(edge.url, 'l')).rejects.toThrow();
  });

  it('cuts off what takes longer than it may', async () => {
    const edge = await start({ SEGUE_PROCESSES: processes, SEGUE_DRAIN_TIMEOUT_MS: '100' });
    const answer = ask(edge.url, 'stuck');
    const cutOff = expect(answer).rejects.toThrow();
    await edge.said({ message: 'waiting' });
    edge.child.kill('SIGTERM');
    await cutOff;
    expect(await edge.ended).toBe(0);
  });
});

it('the threads that compile and collect step back behind those that serve', async () => {
  const { url } = await start({ SEGUE_PROCESSES: '2' });
  for (const pid of await processesOf(url)) {
    const threads = await threadsOf(pid);
    expect(threads.find(({ id }) => id === pid)?.niceness).toBe(0);
    const ofEngine = threads.filter(({ name }) => name === 'V8Worker');
    expect(ofEngine.length).toBeGreaterThan(0);
    expect(new Set(ofEngine.map(({ niceness }) => niceness))).toEqual(new Set([10]));
  }
});

it.each([['1'], ['2']])('a start with %s says which port is taken, and ends', async (processes) => {
  const { httpPort } = await start({ SEGUE_PROCESSES: '1' });
  const second = startEdgeProcess(compiled, { SEGUE_HTTP_PORT: String(httpPort), SEGUE_PROCESSES: processes });
  expect(await second.ended).toBe(78);
  expect(second.stderr()).toContain(
    `cannot listen on 127.0.0.1:${httpPort} (SEGUE_HTTP_PORT, http.port): something else listens there`,
  );
});

it('a start says which port of gRPC is taken in one line, and ends', async () => {
  const { grpcPort } = await start({ SEGUE_PROCESSES: '1' });
  const second = startEdgeProcess(compiled, { SEGUE_GRPC_PORT: String(grpcPort), SEGUE_PROCESSES: '1' });
  expect(await second.ended).toBe(78);
  expect(second.stderr()).toBe(
    `segue: cannot listen on 127.0.0.1:${grpcPort} (SEGUE_GRPC_PORT, grpc.port): something else listens there\n`,
  );
});

it('a start says what is wrong with the configuration, and ends', async () => {
  const edge = startEdgeProcess(compiled, { SEGUE_HTPP_PORT: '1' });
  expect(await edge.ended).toBe(78);
  expect(edge.stderr()).toBe('SEGUE_HTPP_PORT: no such variable; the nearest is SEGUE_HTTP_PORT\n');
});

it('a start says which file of the configuration it cannot read, and ends', async () => {
  const edge = startEdgeProcess(compiled, { SEGUE_CONFIG: tmpdir() });
  expect(await edge.ended).toBe(78);
  expect(edge.stderr()).toBe(`${tmpdir()}: cannot be read (EISDIR)\n`);
});
