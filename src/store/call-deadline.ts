/** A call's own timer and abort signal: the caller is answered on time, whatever the driver beneath does. */
import type { CallOptions } from './row-store.js';
import { StoreError } from './row-store.js';

/**
 * Settles as `work` does, or rejects with `timeout` or `aborted`, whichever is first.
 * @param onEnd called once when the caller stopped waiting, to stop what still runs
 */
export function withDeadline<T>(work: Promise<T>, options: CallOptions | undefined, onEnd?: () => void): Promise<T> {
  const { signal, timeoutMs } = options ?? {};
  if (signal === undefined && timeoutMs === undefined) return work;
  return new Promise<T>((resolve, reject) => {
    const end = (error: StoreError) => {
      release();
      reject(error);
      onEnd?.();
    };
    const onAbort = () => {
      end(abortedBy(signal));
    };
    const timer =
      timeoutMs === undefined
        ? undefined
        : setTimeout(() => {
            end(new StoreError('timeout', `no answer within ${timeoutMs} ms`));
          }, timeoutMs);
    const release = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    if (signal?.aborted === true) onAbort();
    work.then(
      (value) => {
        release();
        resolve(value);
      },
      (error: unknown) => {
        release();
        reject(error instanceof Error ? error : new Error(String(error)));
      },
    );
  });
}

/** What a call rejects with when its signal is aborted: the reason, where that is a StoreError. */
export function abortedBy(signal: AbortSignal | undefined): StoreError {
  const reason: unknown = signal?.reason;
  return reason instanceof StoreError ? reason : new StoreError('aborted', 'the call was aborted');
}
