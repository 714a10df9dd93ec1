/** What the edge needs of the service behind it. */
import type { Cuts, RecommendRequest, RecommendResponse } from '../recommend/types.js';

export interface RecommendContext extends Cuts {
  /** On the monotonic clock (`performance.now()`). */
  readonly receivedAtMs: number;
  /** The client's deadline on the monotonic clock. */
  readonly deadlineMs?: number | undefined;
  /** Aborted when the client went away. */
  readonly signal: AbortSignal;
  /** W3C `traceparent` of the client, unchecked. */
  readonly traceparent?: string | undefined;
}

/** Of one shape, whatever is in it: what is compiled for requests of one shape is compiled again for the first of another. */
export function withCuts(context: RecommendContext, { shed, widthShare }: Cuts): RecommendContext {
  const { receivedAtMs, deadlineMs, signal, traceparent } = context;
  return { receivedAtMs, deadlineMs, signal, traceparent, shed, widthShare };
}

export interface RecommendHandler {
  /** Rejects with SegueError alone, where nothing can be served. */
  recommend(request: RecommendRequest, context: RecommendContext): Promise<RecommendResponse>;
}

export interface RecordAnswer {
  readonly accepted: number;
  readonly duplicates: number;
  readonly rejected: readonly {
    readonly index: number;
    readonly code: string;
    readonly field: string;
    readonly message: string;
  }[];
}

export interface RecordContext {
  /** Aborted when the client went away. */
  readonly signal: AbortSignal;
  /**
   * Does a piece of the work when it is the client's turn; none should take much more than a millisecond.
   * Rejects with SegueError where too much waits, and as the piece does.
   */
  readonly inTurn: <T>(piece: () => T | Promise<T>) => Promise<T>;
}

export interface RecordHandler {
  /**
   * Records a batch of events as the transport decoded it; checking it is the handler's.
   * Rejects with SegueError when the batch as a whole is refused.
   */
  record(batch: unknown, context: RecordContext): Promise<RecordAnswer>;
}
