/** Coded errors, and the one table that maps them to HTTP and gRPC statuses. */

/** gRPC status numbers, https://grpc.github.io/grpc/core/md_doc_statuscodes.html */
interface Status {
  readonly http: number;
  readonly grpc: number;
}

export const STATUS_OF = {
  SEGUE_INVALID_ARGUMENT: { http: 400, grpc: 3 },
  SEGUE_MALFORMED: { http: 400, grpc: 3 },
  SEGUE_TOO_LARGE: { http: 413, grpc: 8 },
  SEGUE_UNAUTHENTICATED: { http: 401, grpc: 16 },
  SEGUE_NOT_FOUND: { http: 404, grpc: 5 },
  SEGUE_METHOD_NOT_ALLOWED: { http: 405, grpc: 12 },
  SEGUE_DEADLINE_EXCEEDED: { http: 504, grpc: 4 },
  SEGUE_RATE_LIMITED: { http: 429, grpc: 8 },
  SEGUE_OVERLOADED: { http: 429, grpc: 8 },
  SEGUE_UNAVAILABLE: { http: 503, grpc: 14 },
  SEGUE_INTERNAL: { http: 500, grpc: 13 },
} as const satisfies Record<string, Status>;

export type ErrorCode = keyof typeof STATUS_OF;

export interface SegueErrorOptions extends ErrorOptions {
  /** Milliseconds after which another try may succeed. */
  readonly retryAfterMs?: number;
}

/** What a client is told: a stable code, a sentence, the field at fault when there is one, and when to try again if that is known. */
export class SegueError extends Error {
  override readonly name = 'SegueError';
  readonly retryAfterMs: number | undefined;

  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly field?: string,
    options?: SegueErrorOptions,
  ) {
    // A request that is refused is no fault of ours: its stack tells nothing, and taking it costs more than refusing.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(message, options);
    Error.stackTraceLimit = stackTraceLimit;
    this.retryAfterMs = options?.retryAfterMs;
  }
}
