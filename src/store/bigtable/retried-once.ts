import { setTimeout as sleep } from 'node:timers/promises';
import type { CallOptions } from '../row-store.js';
import { StoreError } from '../row-store.js';
import { checkBegin } from '../limits.js';

const DELAY_MS_MIN = 5;
const DELAY_MS_SPREAD = 20;

/** Repeats a call once that failed with `unavailable`, if that can be within its time. For calls that may run twice. */
export async function retriedOnce<T>(
  options: CallOptions | undefined,
  nowMs: () => number,
  random: () => number,
  attempt: (options: CallOptions | undefined) => Promise<T>,
): Promise<T> {
  const startMs = nowMs();
  try {
    return await attempt(options);
  } catch (error) {
    if (!(error instanceof StoreError) || error.reason !== 'unavailable') throw error;
    const delayMs = DELAY_MS_MIN + random() * DELAY_MS_SPREAD;
    const timeoutMs = options?.timeoutMs;
    const leftMs = timeoutMs === undefined ? undefined : timeoutMs - (nowMs() - startMs) - delayMs;
    if (leftMs !== undefined && leftMs <= 0) throw error;
    await sleep(delayMs);
    const left = { ...options, ...(leftMs === undefined ? {} : { timeoutMs: leftMs }) };
    checkBegin(left);
    return attempt(left);
  }
}
