/** The durable log. Two streams, so that exposures never stand in the way of events. */

export type Stream = 'events' | 'exposures';

export interface EventLog {
  /**
   * Appends one JSON object a record and resolves when all of them are on disk (fdatasync, shared by all that wait).
   * Rejects with EventLogError when the disk is full or a sync fails; then none of them counts as written.
   */
  append(stream: 'events', records: readonly object[]): Promise<void>;
  /** Queues an exposure; false when it was dropped (queue full or disk failing), which is counted and leaves a gap in `n`. */
  offer(exposure: object): boolean;
  readonly droppedExposures: number;
  close(): Promise<void>;
}

export class EventLogError extends Error {
  override readonly name = 'EventLogError';
}
