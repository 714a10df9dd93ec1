/**
 * POST /v1/recommend and POST /v1/events, straight on Fastify: a Nest route costs each request half as much again
 * (docs/DECISIONS.md). Their failures are answered as the filter answers others.
 */
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Arrival } from '../arrivals.js';
import type { Client } from '../clients.js';
import { DEADLINE_HEADER, deadlineOf } from './deadline-header.js';
import { answerFailure } from './error.filter.js';
import type { HttpParts } from './http-parts.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Whose request this is, once it was let in; nobody's where no key is needed. */
    client: Client | undefined;
    /** When the body was whole; undefined without a body. */
    arrival: Arrival | undefined;
  }
}

export const API_PREFIX = '/v1/';
const JSON_TYPE = 'application/json; charset=utf-8';

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

/** @returns JSON */
type Answer = (request: FastifyRequest, reply: FastifyReply, client: Client) => Promise<string>;

function callerOf({ client }: FastifyRequest): Client {
  if (client === undefined) throw new Error('a request of the API that nobody let in');
  return client;
}

export function addApiRoutes(fastify: FastifyInstance, parts: HttpParts): void {
  const { edge, arrivals } = parts;
  const options = {
    errorHandler: (error: FastifyError, request: FastifyRequest, reply: FastifyReply): void => {
      answerFailure(edge, error, request, reply);
    },
  };
  fastify.decorateRequest('client', undefined);
  fastify.decorateRequest('arrival', undefined);
  const route = (path: string, answer: Answer): void => {
    fastify.post(`${API_PREFIX}${path}`, options, async (request, reply) => {
      const client = callerOf(request);
      try {
        const text = await answer(request, reply, client);
        // 200 it is without; but answers on which it is set, as on failures, are of one kind with those to the engine.
        reply.code(200).header('content-type', JSON_TYPE);
        return text;
      } catch (error) {
        // Not left to Fastify: an error on its way there costs more than an answer without work, and an overload has many.
        answerFailure(edge, error, request, reply);
        return reply;
      }
    });
  };
  route('recommend', (request, reply, client) => {
    const { traceparent, [DEADLINE_HEADER]: header } = request.headers;
    const deadlineMs = deadlineOf(header, parts);
    const context = {
      arrival: request.arrival ?? arrivals.next(),
      signal: goneSignal(reply),
      ...(deadlineMs !== undefined && { deadlineMs }),
      ...(typeof traceparent === 'string' && { traceparent }),
    };
    return edge.recommend(request.body, context, client, JSON.stringify);
  });
  route('events', (request, reply, client) => edge.record(request.body, goneSignal(reply), client, JSON.stringify));
}
