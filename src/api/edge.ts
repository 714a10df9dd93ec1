/** What both transports do with a decoded request: check it, hand it on, and turn every failure into a coded one. */
import { SegueError } from '../errors.js';
import type { Log } from '../log.js';
import type { RecommendResponse } from '../recommend/types.js';
import type { Telemetry, Transport } from '../telemetry.js';
import type { RecommendContext, RecommendHandler, RecordAnswer, RecordHandler } from './handlers.js';
import { parseRecommend } from './parse-recommend.js';

export interface EdgeParts {
  readonly recommender: RecommendHandler;
  readonly recorder: RecordHandler;
  readonly telemetry: Pick<Telemetry, 'failed' | 'events'>;
  readonly log: Log;
  readonly newRequestId: () => string;
}

export class Edge {
  constructor(private readonly parts: EdgeParts) {}

  async recommend(input: unknown, context: RecommendContext): Promise<RecommendResponse> {
    const request = parseRecommend(input, this.parts.newRequestId);
    try {
      return await this.parts.recommender.recommend(request, context);
    } catch (error) {
      throw this.coded(error, request.requestId);
    }
  }

  async record(batch: unknown, context: { readonly signal: AbortSignal }): Promise<RecordAnswer> {
    try {
      const answer = await this.parts.recorder.record(batch, context);
      this.parts.telemetry.events('accepted', answer.accepted);
      this.parts.telemetry.events('duplicate', answer.duplicates);
      this.parts.telemetry.events('rejected', answer.rejected.length);
      return answer;
    } catch (error) {
      throw this.coded(error, undefined);
    }
  }

  /** What the client is told of a failure; what it is not told is logged. Counts it. */
  failure(error: unknown, transport: Transport): SegueError {
    const coded = this.coded(error, undefined);
    this.parts.telemetry.failed(transport, coded.code);
    return coded;
  }

  private coded(error: unknown, requestId: string | undefined): SegueError {
    if (error instanceof SegueError) return error;
    this.parts.log.error({ err: error, requestId }, 'request failed');
    const where = requestId === undefined ? '' : ` of request ${requestId}`;
    return new SegueError('SEGUE_INTERNAL', `internal error${where}; the log has it`, undefined, { cause: error });
  }
}
