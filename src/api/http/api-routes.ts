/**
 * POST /v1/recommend and POST /v1/events, straight on Fastify: a Nest route costs each request half as much again
 * (docs/DECISIONS.md). Their failures are answered as the filter answers others.
 */
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Client } from '../clients.js';
import { DEADLINE_HEADER, deadlineOf } from './deadline-header.js';
import { answerFailure } from './error.filter.js';
import type { HttpParts } from './http-parts.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Whose request of the API this is. */
    client: Client | undefined;
  }
}

export const API_PREFIX = '/v1/';

/** Made once: an abort without a reason makes an exception with a stack. */
const CLIENT_GONE = new Error('the client is gone');

/** Aborted when the connection closes before the answer is written. */
function goneSignal(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort(CLIENT_GONE);
  });
  return controller.signal;
}

function callerOf({ client }: FastifyRequest): Client {
  if (client === undefined) throw new Error('a request of the API that nobody let in');
  return client;
}

export function addApiRoutes(fastify: FastifyInstance, parts: HttpParts): void {
  const { edge, now } = parts;
  const options = {
    errorHandler: (error: FastifyError, request: FastifyRequest, reply: FastifyReply): void => {
      answerFailure(edge, error, request, reply);
    },
  };
  fastify.decorateRequest('client', undefined);
  fastify.post(`${API_PREFIX}recommend`, options, (request, reply) => {
    const { traceparent, [DEADLINE_HEADER]: header } = request.headers;
    const deadlineMs = deadlineOf(header, parts);
    const context = {
      receivedAtMs: now(),
      signal: goneSignal(reply),
      ...(deadlineMs !== undefined && { deadlineMs }),
      ...(typeof traceparent === 'string' && { traceparent }),
    };
    return edge.recommend(request.body, context, callerOf(request));
  });
  fastify.post(`${API_PREFIX}events`, options, (request, reply) =>
    edge.record(request.body, { signal: goneSignal(reply) }),
  );
}
