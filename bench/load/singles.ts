/** One request after another, by a process of its own. */
import { runProgram } from '../program.js';

export interface SinglesTarget {
  readonly port: number;
  readonly bodies: readonly string[];
}

export interface SinglesOptions {
  /** Asked in turn, so that what else the machine does meets all alike. */
  readonly targets: readonly SinglesTarget[];
  /** To each target. */
  readonly requests: number;
  /** Asked of each before, and not counted. */
  readonly warmUp: number;
}

export interface SinglesReport {
  /** Milliseconds of each request, in order. */
  readonly times: readonly number[];
  readonly levels: Readonly<Record<string, number>>;
}

/** @returns one report a target. @throws Error for an answer that is no 200 */
export function singles(options: SinglesOptions): Promise<SinglesReport[]> {
  return runProgram(new URL('./singles-http.js', import.meta.url), options);
}
