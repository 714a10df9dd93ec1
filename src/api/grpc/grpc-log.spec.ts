import { createServer } from 'node:net';
import { once } from 'node:events';
import { experimental, logVerbosity, Server, setLogger } from '@grpc/grpc-js';
import { pino } from 'pino';
import { listenGrpc } from './grpc-server.js';
import { logGrpcTo } from './grpc-log.js';

let lines: string[];

beforeEach(() => {
  lines = [];
  logGrpcTo(pino({ messageKey: 'message' }, { write: (line: string) => lines.push(line) }));
});

afterAll(() => {
  setLogger(console);
});

it('has the errors of grpc-js in the log', () => {
  experimental.log(logVerbosity.ERROR, 'Failed to set secure context with error', 'x');
  expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { level: 50, part: 'grpc', message: 'Failed to set secure context with error x' },
  ]);
});

it('leaves out what the failed bind says itself', async () => {
  const holder = createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  const address = holder.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  await expect(listenGrpc(new Server(), '127.0.0.1', port)).rejects.toThrow('EADDRINUSE');
  holder.close();
  await once(holder, 'close');
  expect(lines).toEqual([]);
});
