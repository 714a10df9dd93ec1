import { status } from '@grpc/grpc-js';
import { readFileSync } from 'node:fs';
import { STATUS_OF } from './errors.js';

it('are documented as they are', () => {
  const rows = [...readFileSync('docs/ERRORS.md', 'utf8').matchAll(/^\| `(SEGUE_\w+)` \| (\d+) \| (\d+) (\w+) \|/gm)];
  const documented = rows.map(([, code, http, grpc, name]) => ({ code, http: Number(http), grpc: Number(grpc), name }));
  const actual = Object.entries(STATUS_OF).map(([code, { http, grpc }]) => ({ code, http, grpc, name: status[grpc] }));
  expect(documented).toEqual(actual);
});
