/** What both transports do with a decoded request: check it, admit it, hand it on, and turn every failure into a coded one. */
import { setTimeout } from 'node:timers/promises';
import { SegueError } from '../errors.js';
import type { Log } from '../log.js';
import { budgetOf } from '../recommend/budget.js';
import { SURFACE } from '../recommend/surfaces.js';
import type { Cuts, RecommendResponse } from '../recommend/types.js';
import type { Telemetry } from '../telemetry.js';
import type { Transport } from '../telemetry/instruments.js';
import type { Arrival } from './arrivals.js';
import type { Admission } from './admission/admission.js';
import type { RefusalCause } from './admission/admission-metrics.js';
import type { LoopShares } from './admission/loop-shares.js';
import { overloaded } from './admission/overloaded.js';
import type { Pieces } from './admission/pieces.js';
import type { Client, Clients } from './clients.js';
import {
  withCuts,
  type RecommendContext,
  type RecommendHandler,
  type RecordAnswer,
  type RecordHandler,
} from './handlers.js';
import { parseRecommend } from './parse-recommend.js';

/** A deadline so near has passed: no answer would arrive before it. */
const PASSED_MS = 0.1;
/** What a request that fails takes of the event loop, reading and answering it included. */
const FAILED_MS = 0.1;
/** What a page or the metrics take. */
const VISIT_MS = 0.2;
/** An explained answer of more items takes up to 2 ms to encode: it waits for its client's turn. */
const EXPLAINED_AT_ONCE_MAX = 16;
/** Refusals are held back for so long to twice that, so many at once. */
const HOLD_BACK_MS = 50;
const HELD_BACK_MAX = 1_024;

export interface EdgeParts {
  readonly recommender: RecommendHandler;
  readonly recorder: RecordHandler;
  readonly clients: Clients;
  readonly admission: Admission<RecommendResponse>;
  readonly shares: LoopShares;
  readonly pieces: Pieces;
  /** A request was refused before any work. */
  readonly onRefused: (client: Client, cause: RefusalCause) => void;
  readonly telemetry: Pick<Telemetry, 'failed' | 'events'>;
  readonly log: Log;
  readonly newRequestId: () => string;
  /** From 0 to 1. */
  readonly random: () => number;
  /** Monotonic, milliseconds. */
  readonly now: () => number;
}

/** A request, beside its message. */
export interface Asked extends Omit<RecommendContext, 'receivedAtMs' | keyof Cuts> {
  readonly arrival: Arrival;
}

export class Edge {
  private heldBack = 0;

  constructor(private readonly parts: EdgeParts) {}

  /**
   * Whose request this is; takes it off what the client may ask in this second.
   *
   * @throws SegueError `SEGUE_UNAUTHENTICATED`, `SEGUE_OVERLOADED`, `SEGUE_RATE_LIMITED`
   */
  enter(authorization: string | undefined): Client {
    const client = this.letIn(authorization);
    const waitMs = client.rate?.take(this.parts.now()) ?? 0;
    if (waitMs === 0) return client;
    this.parts.onRefused(client, 'rate-limited');
    const retryAfterMs = Math.ceil(waitMs);
    const message = `${client.name} asks more often than it may: try again in ${retryAfterMs} ms`;
    throw new SegueError('SEGUE_RATE_LIMITED', message, undefined, { retryAfterMs });
  }

  /**
   * Whose request this is, of a page or the metrics.
   *
   * @throws SegueError `SEGUE_UNAUTHENTICATED`, `SEGUE_OVERLOADED`
   */
  visit(authorization: string | undefined): Client {
    const client = this.letIn(authorization);
    this.parts.shares.charge(client, VISIT_MS);
    return client;
  }

  private letIn(authorization: string | undefined): Client {
    const client = this.parts.clients.identify(authorization);
    if (!this.parts.shares.isOverFair(client)) return client;
    this.parts.onRefused(client, 'over-fair-share');
    throw overloaded(this.parts.random);
  }

  /**
   * Resolves when a client that was not let in may be told so: at once, or while the event loop has no time left a little later,
   * so that whoever asks again at once does not fill it with refusals.
   */
  async holdBack(): Promise<void> {
    if (!this.parts.shares.isContended || this.heldBack >= HELD_BACK_MAX) return;
    this.heldBack++;
    await setTimeout(HOLD_BACK_MS * (1 + this.parts.random()));
    this.heldBack--;
  }

  /**
   * Does a piece of work for a client outside of admission, when it is the client's turn.
   *
   * @throws SegueError `SEGUE_OVERLOADED` where too much waits, and what the work throws
   */
  inTurn<T>(client: Client, work: () => T | Promise<T>): Promise<T> {
    return this.parts.pieces.run(client, work);
  }

  /** Does something for a client at once, and charges the client for the time. */
  private charged<T>(client: Client, work: () => T): T {
    const beganMs = this.parts.now();
    const result = work();
    this.parts.shares.charge(client, this.parts.now() - beganMs);
    return result;
  }

  /**
   * The answer, encoded as a part of its work, as that of a long one takes more time than ranking.
   *
   * @throws SegueError
   */
  async recommend<Body>(
    input: unknown,
    asked: Asked,
    client: Client,
    encode: (response: RecommendResponse) => Body,
  ): Promise<Body> {
    const { arrival, deadlineMs, signal, traceparent } = asked;
    const { receivedAtMs } = arrival;
    if (deadlineMs !== undefined && deadlineMs - this.parts.now() < PASSED_MS) {
      this.parts.onRefused(client, 'deadline-passed');
      throw new SegueError('SEGUE_DEADLINE_EXCEEDED', 'the deadline had passed before any work began');
    }
    const request = parseRecommend(input, this.parts.newRequestId);
    const budget = budgetOf(receivedAtMs, SURFACE[request.surface], request.budgetMs, deadlineMs);
    let encoded: { readonly body: Body } | undefined;
    try {
      await this.parts.admission.admit({
        client,
        arrival,
        deadlineMs: budget.deadlineMs,
        signal,
        run: async (cuts) => {
          const context = withCuts({ receivedAtMs, deadlineMs, signal, traceparent }, cuts);
          const response = await this.parts.recommender.recommend(request, context);
          const encodeNow = (): Body => encode(response);
          const isLong = request.explain && response.items.length > EXPLAINED_AT_ONCE_MAX;
          encoded = { body: isLong ? await this.inTurn(client, encodeNow) : this.charged(client, encodeNow) };
          return response;
        },
        gaveUp: hasGivenUp,
      });
      if (encoded === undefined) throw new Error('admitted, and not answered');
      return encoded.body;
    } catch (error) {
      throw this.coded(error, request.requestId);
    }
  }

  /** @throws SegueError */
  async record<Body>(
    batch: unknown,
    signal: AbortSignal,
    client: Client,
    encode: (answer: RecordAnswer) => Body,
  ): Promise<Body> {
    try {
      const answer = await this.parts.recorder.record(batch, {
        signal,
        inTurn: (piece) => this.inTurn(client, piece),
      });
      this.parts.telemetry.events('accepted', answer.accepted);
      this.parts.telemetry.events('duplicate', answer.duplicates);
      this.parts.telemetry.events('rejected', answer.rejected.length);
      return this.charged(client, () => encode(answer));
    } catch (error) {
      throw this.coded(error, undefined);
    }
  }

  /**
   * What the client is told of a failure; what it is not told is logged. Counts it.
   *
   * @param client where it was let in
   */
  failure(error: unknown, transport: Transport, client: Client | undefined): SegueError {
    const coded = this.coded(error, undefined);
    this.parts.telemetry.failed(transport, coded.code);
    if (client !== undefined) this.parts.shares.charge(client, FAILED_MS);
    return coded;
  }

  private coded(error: unknown, requestId: string | undefined): SegueError {
    if (error instanceof SegueError) return error;
    this.parts.log.error({ err: error, requestId }, 'request failed');
    const where = requestId === undefined ? '' : ` of request ${requestId}`;
    return new SegueError('SEGUE_INTERNAL', `internal error${where}; the log has it`, undefined, { cause: error });
  }
}

/** Whether reads or the ranker were late or down: then the time that the request took was spent waiting for them. */
function hasGivenUp({ serving }: RecommendResponse): boolean {
  return serving.degradation.reasons.some(
    ({ stage, cause }) =>
      cause === 'timeout' || (cause === 'unavailable' && (stage === 'listen' || stage === 'retrieve')),
  );
}
