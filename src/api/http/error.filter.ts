/** Every failure of HTTP as `{ code, message, field?, retryAfterMs? }`, never with a stack. */
import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { SegueError, STATUS_OF } from '../../errors.js';
import type { Edge } from '../edge.js';
import { BODY_BYTES_MAX } from './json-body.js';

const METHODS = ['GET', 'POST'] as const;

function statusOf(error: unknown): number | undefined {
  if (error instanceof HttpException) return error.getStatus();
  if (error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number') return error.statusCode;
  return undefined;
}

/** What the framework refuses before our code, in our codes. */
function fromFramework(error: unknown, request: FastifyRequest, reply: FastifyReply): unknown {
  if (error instanceof SegueError) return error;
  switch (statusOf(error)) {
    case 413:
      return new SegueError(
        'SEGUE_TOO_LARGE',
        `body: given more than ${BODY_BYTES_MAX} bytes; allowed: ${BODY_BYTES_MAX}`,
        'body',
      );
    case 415:
      return new SegueError('SEGUE_MALFORMED', 'content-type: allowed: application/json', 'content-type');
    case 400:
      return new SegueError('SEGUE_MALFORMED', 'request: cannot be read as HTTP with a JSON body');
    case 404:
      return unmatched(request, reply);
    case 503:
      return new SegueError('SEGUE_UNAVAILABLE', 'the service is shutting down');
    default:
      return error;
  }
}

function unmatched(request: FastifyRequest, reply: FastifyReply): SegueError {
  const path = request.url.split('?', 1)[0] ?? '';
  const asked = `${request.method} ${path.slice(0, 100)}`;
  const allowed = METHODS.filter((method) => request.server.hasRoute({ url: path, method }));
  if (allowed.length === 0) return new SegueError('SEGUE_NOT_FOUND', `${asked}: no such path; see /docs`);
  reply.header('allow', allowed.join(', '));
  return new SegueError('SEGUE_METHOD_NOT_ALLOWED', `${asked}: allowed: ${allowed.join(', ')}`);
}

/** Answers with the code, the sentence and the field of a failure. */
export function answerFailure(edge: Edge, error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const { code, message, field, retryAfterMs } = edge.failure(
    fromFramework(error, request, reply),
    'http',
    request.client,
  );
  if (retryAfterMs !== undefined) reply.header('retry-after', Math.ceil(retryAfterMs / 1000));
  void reply.status(STATUS_OF[code].http).send({
    code,
    message,
    ...(field !== undefined && { field }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}

@Catch()
export class ErrorFilter implements ExceptionFilter {
  constructor(private readonly edge: Edge) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    answerFailure(this.edge, error, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }
}
