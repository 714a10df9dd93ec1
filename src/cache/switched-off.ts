/** The cache that is switched off: every look-up misses. */
import type { Cache } from './cache.js';
import { noFailures } from './failures.js';

export function createNoCache(): Cache {
  return {
    driver: 'off',
    failures: noFailures(),
    healthy: true,
    get: () => Promise.resolve(undefined),
    set: () => Promise.resolve(),
    delete: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}
