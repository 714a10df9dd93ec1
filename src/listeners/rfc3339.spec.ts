import fc from 'fast-check';
import { parseRfc3339 } from './rfc3339.js';

test('reads what toISOString writes', () => {
  const time = fc.date({
    min: new Date('0001-01-01T00:00:00Z'),
    max: new Date('9999-12-31T23:59:59.999Z'),
    noInvalidDate: true,
  });
  fc.assert(
    fc.property(time, (date) => {
      expect(parseRfc3339(date.toISOString())).toBe(date.getTime());
    }),
  );
});

test.each([
  ['1985-04-12T23:20:50.52Z', Date.UTC(1985, 3, 12, 23, 20, 50, 520)],
  ['1996-12-19T16:39:57-08:00', Date.UTC(1996, 11, 20, 0, 39, 57)],
  ['1990-12-31T15:59:60-08:00', Date.UTC(1991, 0, 1)],
  ['1937-01-01T12:00:27.87+00:20', Date.UTC(1937, 0, 1, 11, 40, 27, 870)],
  ['2026-11-21t08:00:00.123456789z', Date.UTC(2026, 10, 21, 8, 0, 0, 123)],
  ['2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29)],
])('%s', (text, expected) => {
  expect(parseRfc3339(text)).toBe(expected);
});

test.each([
  '',
  '2026-11-21',
  '2026-11-21T08:00:00',
  '2026-11-21T08:00Z',
  '2026-11-21 08:00:00Z',
  '2026-11-21T08:00:00+0100',
  '2026-13-01T00:00:00Z',
  '2026-00-01T00:00:00Z',
  '2026-02-29T00:00:00Z',
  '2026-11-31T00:00:00Z',
  '2026-11-21T24:00:00Z',
  '2026-11-21T08:60:00Z',
  '2026-11-21T08:00:61Z',
  '2026-11-21T08:00:00.Z',
  '2026-11-21T08:00:00+24:00',
  ' 2026-11-21T08:00:00Z',
  '12026-11-21T08:00:00Z',
])('"%s" is none', (text) => {
  expect(parseRfc3339(text)).toBeNaN();
});
