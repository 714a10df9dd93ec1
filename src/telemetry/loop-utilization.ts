import { performance, type EventLoopUtilization } from 'node:perf_hooks';

/** Share of the time since the last call in which the event loop worked. */
export function loopUtilization(): () => number {
  let before: EventLoopUtilization = performance.eventLoopUtilization();
  return () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, before);
    before = now;
    return utilization;
  };
}
