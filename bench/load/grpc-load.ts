/** Throughput over gRPC, by a grpc-js client in a process of its own: it takes more of the cores than wrk does. */
import { runProgram } from '../program.js';
import type { WrkRun } from './wrk.js';

export interface GrpcLoadOptions {
  readonly port: number;
  readonly bodies: readonly string[];
  readonly inFlight: number;
  readonly seconds: number;
}

export interface GrpcLoadReport extends WrkRun {
  readonly levels: Readonly<Record<string, number>>;
  /** Of the client's process. */
  readonly cpuMicrosPerRequest: number;
}

export function grpcLoad(options: GrpcLoadOptions): Promise<GrpcLoadReport> {
  return runProgram(new URL('./closed-loop-grpc.js', import.meta.url), options);
}
