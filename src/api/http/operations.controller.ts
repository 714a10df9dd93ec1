/** GET /healthz, /readyz and /metrics. */
import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { EXPOSITION_TYPE } from '../../telemetry/exposition.js';
import { HTTP_PARTS, type HttpParts } from './http-parts.js';

@Controller()
export class OperationsController {
  constructor(@Inject(HTTP_PARTS) private readonly parts: HttpParts) {}

  /** The process runs. */
  @Get('healthz')
  health(): { status: 'ok' } {
    return { status: 'ok' };
  }

  /** The process may be sent requests; if not, why. */
  @Get('readyz')
  ready(@Res({ passthrough: true }) reply: FastifyReply): {
    status: 'ready' | 'not-ready';
    missing: readonly string[];
  } {
    const { isReady, missing } = this.parts.readiness;
    reply.status(isReady ? 200 : 503);
    return { status: isReady ? 'ready' : 'not-ready', missing };
  }

  @Get('metrics')
  async metrics(@Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    reply.header('content-type', EXPOSITION_TYPE);
    return await this.parts.scrape();
  }
}
