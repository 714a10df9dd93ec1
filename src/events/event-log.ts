/** The durable log. Two streams, so that exposures never stand in the way of events. */

export type Stream = 'events' | 'exposures';

/** Records that are on disk. A log that can be replayed keeps them until they are settled. */
export interface Appended {
  /** To be called once all that follows from the records is stored: they need not be replayed after a crash. */
  readonly settle: () => void;
}

export interface EventLog {
  /**
   * Appends one JSON object a record and resolves when all of them are on disk (fdatasync, shared by all that wait).
   * Rejects with EventLogError when the disk is full or a sync fails; then none of them counts as written.
   */
  append(stream: 'events', records: readonly object[]): Promise<Appended>;
  /** Queues an exposure; false when it was dropped (queue full or disk failing), which is counted and leaves a gap in `n`. */
  offer(exposure: object): boolean;
  readonly droppedExposures: number;
  close(): Promise<void>;
}

/** What a process finds in its log when it starts. */
export interface ReplayableLog {
  /** Records from before this process that may not have been settled, oldest first. */
  tail(): AsyncIterable<object>;
  /** All that follows from the tail is stored. */
  settleTail(): void;
  close(): Promise<void>;
}

/** `overloaded`: too much waits to be written; `unavailable`: it could not be written; `locked`: another process writes there. */
export type EventLogErrorCause = 'overloaded' | 'unavailable' | 'locked' | 'closed';

export class EventLogError extends Error {
  override readonly name = 'EventLogError';

  constructor(
    readonly reason: EventLogErrorCause,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
