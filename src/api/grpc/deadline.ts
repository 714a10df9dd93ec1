/** When the client of a call stops waiting. */

/** Left to a call whose time may have passed before it was read: it is answered with what takes no time, and not refused. */
const LEFT_MS = 1;

/**
 * The client's deadline on the monotonic clock; undefined where it set none. What it sent is a time to be waited, and grpc-js counts it
 * from when the call was read; the client from before it came.
 *
 * @param deadline as grpc-js gives it: epoch milliseconds
 * @param unreadMs for how long it may have waited to be read
 */
export function deadlineOf(
  deadline: Date | number,
  unreadMs: number,
  clock: { readonly now: () => number; readonly wallMs: () => number },
): number | undefined {
  const epochMs = Number(deadline);
  if (!Number.isFinite(epochMs)) return undefined;
  const nowMs = clock.now();
  const fromReading = nowMs + epochMs - clock.wallMs();
  return Math.max(fromReading - unreadMs, Math.min(fromReading, nowMs + LEFT_MS));
}
