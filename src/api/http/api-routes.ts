/**
 * POST /v1/recommend and POST /v1/events, straight on Fastify: a Nest route costs each request half as much again
 * (docs/DECISIONS.md). Their failures are answered as the filter answers others.
 */
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { answerFailure } from './error.filter.js';
import type { HttpParts } from './http-parts.js';

/** Aborted when the connection closes before the answer is written. */
function goneSignal(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort();
  });
  return controller.signal;
}

export function addApiRoutes(fastify: FastifyInstance, { edge, now }: HttpParts): void {
  const options = {
    errorHandler: (error: FastifyError, request: FastifyRequest, reply: FastifyReply): void => {
      answerFailure(edge, error, request, reply);
    },
  };
  fastify.post('/v1/recommend', options, (request, reply) => {
    const { traceparent } = request.headers;
    return edge.recommend(request.body, {
      receivedAtMs: now(),
      signal: goneSignal(reply),
      ...(typeof traceparent === 'string' && { traceparent }),
    });
  });
  fastify.post('/v1/events', options, (request, reply) => edge.record(request.body, { signal: goneSignal(reply) }));
}
