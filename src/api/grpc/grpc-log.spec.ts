import { experimental, logVerbosity, setLogger } from '@grpc/grpc-js';
import { pino } from 'pino';
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
