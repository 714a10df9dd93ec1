import { setTimeout as sleep } from 'node:timers/promises';

const TRIES = 1000;
const PAUSE_MS = 10;

/** Tries until `attempt` gives something; the last error, if any, tells why it never did. */
export async function eventually<T>(attempt: () => Promise<T | undefined>): Promise<T> {
  let last: unknown;
  for (let tries = 0; tries < TRIES; tries++) {
    try {
      const result = await attempt();
      if (result !== undefined) return result;
    } catch (error) {
      last = error;
    }
    await sleep(PAUSE_MS);
  }
  throw new Error(`not within ${TRIES} tries`, { cause: last });
}
