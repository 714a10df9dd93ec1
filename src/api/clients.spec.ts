import { ANONYMOUS, type ClientLimits } from '../config/client-limits.js';
import { Clients } from './clients.js';

const KEYS = [
  { name: 'app', key: '0123456789abcdef' },
  { name: 'job', key: 'fedcba9876543210' },
];
const LIMITS: ClientLimits[] = [{ name: 'job', class: 'batch', requestsPerSecond: 2.5, concurrencyShare: 0.5 }];

it('are told apart by their keys, each with what it may take', () => {
  const clients = new Clients(KEYS, LIMITS);
  const job = clients.identify('Bearer fedcba9876543210');
  expect(job).toMatchObject({ name: 'job', class: 'batch', concurrencyShare: 0.5 });
  // A second's worth, rounded up, is the burst.
  expect([0, 0, 0].map((ms) => job.rate?.take(ms))).toEqual([0, 0, 0]);
  expect(job.rate?.take(0)).toBeCloseTo(400);
  expect(clients.identify('bearer  0123456789abcdef')).toEqual({
    name: 'app',
    class: 'standard',
    rate: undefined,
    concurrencyShare: 1,
  });
  expect(clients.identify('Bearer fedcba9876543210')).toBe(job);
});

it.each([
  [undefined],
  [''],
  ['0123456789abcdef'],
  ['Bearer 0123456789abcde'],
  ['Bearer 0123456789abcdef0'],
  ['Basic 0123456789abcdef'],
])('are nobody with %j', (authorization) => {
  expect(() => new Clients(KEYS, []).identify(authorization)).toThrow(/^authorization: given .*; allowed: Bearer/);
});

it('are one without keys, whatever it sends', () => {
  const clients = new Clients([], [{ name: ANONYMOUS, class: 'batch', concurrencyShare: 1 }]);
  expect(clients.identify(undefined)).toMatchObject({ name: 'anonymous', class: 'batch' });
  expect(clients.identify('Bearer x')).toBe(clients.identify(undefined));
});
