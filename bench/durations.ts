/** How long everything runs, in seconds unless the name says otherwise. */

export interface Durations {
  /** One run of a closed-loop load; whole seconds, as wrk has no other. */
  readonly loadS: number;
  /** Before the first measured run of a server. */
  readonly warmUpS: number;
  /** Runs of which the median counts. */
  readonly rounds: number;
  readonly fastapi: RoundsInTurn;
  readonly tracing: TracingDurations;
  /** A load at a fixed rate. */
  readonly steadyS: number;
  readonly overloadS: number;
  readonly calmS: number;
  readonly faultS: number;
  /** After a fault, at most. */
  readonly healS: number;
  /** Whether that long is looked at even where the service is whole before. */
  readonly healsOn: boolean;
  /** Requests one after another. */
  readonly singles: number;
  readonly starts: number;
  /** Of the synthetic worlds. */
  readonly listeners: number;
  readonly catalogues: readonly number[];
}

/** Of servers that are compared: many short rounds, as the speed of the machine changes from one to the next. */
export interface RoundsInTurn {
  readonly rounds: number;
  /** Whole seconds of each run of each server in each round. */
  readonly loadS: number;
}

/** Small differences are told apart by several services of a kind: no two of them are compiled alike. */
export interface TracingDurations extends RoundsInTurn {
  /** Of each kind. */
  readonly services: number;
}

export const FULL: Durations = {
  loadS: 8,
  warmUpS: 10,
  rounds: 3,
  fastapi: { rounds: 6, loadS: 4 },
  tracing: { services: 4, rounds: 6, loadS: 2 },
  steadyS: 30,
  overloadS: 60,
  calmS: 3,
  faultS: 10,
  healS: 10,
  healsOn: true,
  singles: 4000,
  starts: 5,
  listeners: 1_000_000,
  catalogues: [10_000, 100_000, 1_000_000],
};

export const QUICK: Durations = {
  ...FULL,
  loadS: 2,
  warmUpS: 2,
  rounds: 1,
  fastapi: { rounds: 1, loadS: 2 },
  tracing: { services: 1, rounds: 2, loadS: 1 },
  steadyS: 2,
  overloadS: 8,
  calmS: 1,
  faultS: 2,
  healS: 8,
  healsOn: false,
  singles: 300,
  starts: 1,
  listeners: 4_000,
  catalogues: [10_000, 1_000_000],
};

/** Shows that everything runs; its numbers mean nothing. */
export const SMOKE: Durations = {
  ...QUICK,
  loadS: 1,
  warmUpS: 1,
  rounds: 1,
  fastapi: { rounds: 1, loadS: 1 },
  tracing: { services: 1, rounds: 1, loadS: 1 },
  steadyS: 1,
  overloadS: 1,
  faultS: 1,
  healS: 2,
  singles: 50,
  listeners: 500,
  catalogues: [1_000, 50_000],
};
