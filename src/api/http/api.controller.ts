/** POST /v1/recommend and POST /v1/events. */
import { Controller, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { RecommendResponse } from '../../recommend/types.js';
import type { RecordAnswer } from '../handlers.js';
import { HTTP_PARTS, type HttpParts } from './tokens.js';

/** Aborted when the connection closes before the answer is written. */
function goneSignal(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort();
  });
  return controller.signal;
}

@Controller('v1')
export class ApiController {
  constructor(@Inject(HTTP_PARTS) private readonly parts: HttpParts) {}

  @Post('recommend')
  @HttpCode(200)
  recommend(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RecommendResponse> {
    const { traceparent } = request.headers;
    return this.parts.edge.recommend(request.body, {
      receivedAtMs: this.parts.now(),
      signal: goneSignal(reply),
      ...(typeof traceparent === 'string' && { traceparent }),
    });
  }

  @Post('events')
  @HttpCode(200)
  record(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<RecordAnswer> {
    return this.parts.edge.record(request.body, { signal: goneSignal(reply) });
  }
}
