/** Connections that have all come to one process are spread once they keep it busy, and no request of theirs fails. */
import { rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { json } from 'node:stream/consumers';
import { compiledSource } from '../compiled.js';
import { startEdgeProcess, until, type EdgeProcess } from './edge-process.js';
import { grpcTransport } from './transports.js';

const CLIENTS = 4;

interface OneConnection {
  /** Of the process that answered. */
  ask(listenerId: string): Promise<number>;
  close(): void;
}

let compiled: string;
let edge: EdgeProcess;
let clients: OneConnection[];

beforeAll(async () => {
  compiled = await compiledSource();
});

beforeEach(() => {
  clients = [];
  edge = startEdgeProcess(compiled, { SEGUE_PROCESSES: '2' });
});

afterEach(async () => {
  for (const client of clients) client.close();
  edge.child.kill('SIGTERM');
  expect(await edge.ended).toBe(0);
});

afterAll(async () => {
  await rm(compiled, { recursive: true, force: true });
});

function pidOf(answer: unknown): number {
  return Number((answer as { serving: { generation: string } }).serving.generation);
}

function overHttp(port: number): OneConnection {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  return {
    ask: (listenerId) =>
      new Promise((resolve, reject) => {
        const headers = { 'content-type': 'application/json' };
        const asked = request({ agent, port, host: '127.0.0.1', method: 'POST', path: '/v1/recommend', headers });
        asked.on('error', reject);
        asked.on('response', (response) => {
          json(response).then((answer) => {
            resolve(pidOf(answer));
          }, reject);
        });
        asked.end(JSON.stringify({ listenerId, surface: 'radio' }));
      }),
    close: () => {
      agent.destroy();
    },
  };
}

function overGrpc(port: number): OneConnection {
  const transport = grpcTransport(port);
  return {
    ask: async (listenerId) => {
      const outcome = await transport.call('recommend', { listenerId, surface: 'radio' });
      if ('refusal' in outcome) throw new Error(outcome.refusal.message);
      return pidOf(outcome.answer);
    },
    close: () => {
      transport.close();
    },
  };
}

it.each([
  ['http', overHttp],
  ['grpc', overGrpc],
] as const)('over %s', async (name, connect) => {
  const ports = await edge.said({ message: 'serving' });
  const port = Number(ports[`${name}Port`]);
  const both = new Set<number>();
  await until(async () => {
    const client = connect(port);
    both.add(await client.ask('l'));
    client.close();
    return both.size === 2 ? true : undefined;
  });
  const [one, other] = both;
  process.kill(other, 'SIGSTOP');
  clients = Array.from({ length: CLIENTS }, () => connect(port));
  expect(new Set(await Promise.all(clients.map((client) => client.ask('l'))))).toEqual(new Set([one]));
  process.kill(other, 'SIGCONT');

  const last = clients.map(() => one);
  const areSpread = (): boolean => new Set(last).size === 2;
  await Promise.all(
    clients.map(async (client, i) => {
      while (!areSpread()) last[i] = await client.ask('busy');
    }),
  );
  const metrics = await (await fetch(`http://127.0.0.1:${String(ports.httpPort)}/metrics`)).text();
  const told = new RegExp(
    `segue_connections_closed_total\\{[^}]*transport="${name}",cause="balance"[^}]*\\} (\\d+)`,
  ).exec(metrics);
  expect(Number(told?.[1])).toBeGreaterThan(0);
});
