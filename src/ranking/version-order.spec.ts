import { compareVersions } from './version-order.js';

describe('versions', () => {
  it('are ordered by precedence, numbers as numbers, pre-releases first', () => {
    const ordered = ['0.9.0', '1.0.0-rc2', '1.0.0-rc10', '1.0.0', '1.0.1', '1.2.0', '1.10.0', '2.0.0'];
    expect([...ordered].reverse().sort(compareVersions)).toEqual(ordered);
    expect(compareVersions('1.0.0', '1.0.0')).toBe(0);
  });
});
