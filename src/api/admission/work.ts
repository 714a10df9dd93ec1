/** What admission is given to do, and whom it tells. */
import type { Cuts } from '../../recommend/types.js';
import type { Arrival } from '../arrivals.js';
import type { Client } from '../clients.js';
import type { LimitParts } from './concurrency-limit.js';

export interface Work<T> {
  readonly client: Client;
  readonly arrival: Pick<Arrival, 'receivedAtMs' | 'cameAtMs'>;
  /** The end of the budget; monotonic, milliseconds. */
  readonly deadlineMs: number;
  /** Aborted when the client went away. */
  readonly signal: AbortSignal;
  /** Answers; with less than the full work, where there is no time for it. */
  run(cuts: Cuts): Promise<T>;
  /** Whether the answer does without something behind the service because that was late or down. */
  gaveUp(answer: T): boolean;
}

/** Work, and who waits for its answer. */
export interface Entry<T> {
  readonly client: Client;
  readonly work: Work<T>;
  readonly resolve: (answer: T) => void;
  readonly reject: (error: unknown) => void;
}

/** Why a request is answered without work. */
export type ShedCause = 'pushed-out' | 'waited-too-long' | 'would-wait-too-long' | 'budget-below-floor';

export interface AdmissionObserver {
  started(client: Client, waitedMs: number): void;
  shed(client: Client, cause: ShedCause): void;
  refused(client: Client): void;
}

export interface AdmissionParts extends LimitParts {
  /** From 0 to 1. */
  readonly random: () => number;
  readonly observer: AdmissionObserver;
}
