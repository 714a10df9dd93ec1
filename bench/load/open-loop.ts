/** Latency at a fixed rate, measured by a process of its own. */
import { runProgram } from '../program.js';
import type { LoadWindow, Slice, WindowReport } from './recorder.js';

export interface OpenLoopOptions {
  /** On 127.0.0.1. */
  readonly port: number;
  readonly path: string;
  /** Sent in turn, from the first on. */
  readonly bodies: readonly string[];
  readonly ratePerSecond: number;
  readonly seconds: number;
  readonly connections: number;
  readonly budgetMs: number;
  readonly windows: readonly LoadWindow[];
  /** Over HTTP: from then on the load ends as soon as the service is whole; without it, after `seconds`. */
  readonly untilWholeFromMs?: number;
  /** Whether a request leaves again when its connection closed before an answer began. */
  readonly resendsWhenClosed: boolean;
}

export interface OpenLoopReport {
  readonly ratePerSecond: number;
  readonly seconds: number;
  /** Of the generator's own process. */
  readonly cpuMicrosPerRequest: number;
  /** How late requests left the generator: a part of their latency. */
  readonly sentLateP50Ms: number;
  readonly sentLateP99Ms: number;
  /** Requests that left again, as their connection closed before an answer began. */
  readonly resent: number;
  /** The first is the whole load. */
  readonly windows: readonly WindowReport[];
  /** By `SLICE_MS`. */
  readonly series: readonly Slice[];
}

export const CONNECTIONS = 256;
const PROGRAM = {
  http: new URL('./open-loop-http.js', import.meta.url),
  grpc: new URL('./open-loop-grpc.js', import.meta.url),
};

/** @param onStart called when the first request leaves */
export function openLoop(
  transport: 'http' | 'grpc',
  options: Partial<OpenLoopOptions> & Pick<OpenLoopOptions, 'port' | 'bodies' | 'ratePerSecond' | 'seconds'>,
  onStart?: () => void,
): Promise<OpenLoopReport> {
  const whole: OpenLoopOptions = {
    path: '/v1/recommend',
    connections: CONNECTIONS,
    budgetMs: 50,
    windows: [],
    resendsWhenClosed: false,
    ...options,
  };
  return runProgram(PROGRAM[transport], whole, { onProgress: () => onStart?.() });
}
