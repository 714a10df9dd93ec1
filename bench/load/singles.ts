/** One request after another over one connection, by a process of its own. */
import { runProgram } from '../program.js';

export interface SinglesOptions {
  readonly port: number;
  readonly bodies: readonly string[];
  readonly requests: number;
  /** Asked before, and not counted. */
  readonly warmUp: number;
}

export interface SinglesReport {
  /** Milliseconds of each request, in order. */
  readonly times: readonly number[];
  readonly levels: Readonly<Record<string, number>>;
}

/** @throws Error for an answer that is no 200 */
export function singles(options: SinglesOptions): Promise<SinglesReport> {
  return runProgram(new URL('./singles-http.js', import.meta.url), options);
}
