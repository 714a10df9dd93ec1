/** Time as the machine tells it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../worlds/load/claim.js';

export const SYSTEM_CLOCK: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: (ms) => sleep(ms),
};
