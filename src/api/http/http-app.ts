/** The Nest application of the HTTP edge. */
import type { IncomingMessage } from 'node:http';
import { Module, type DynamicModule, type NestApplicationOptions } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { connectionOf } from '../connections/connection-limit.js';
import { addApiRoutes, API_PREFIX } from './api-routes.js';
import { boundConnections } from './connections.js';
import { DocsController } from './docs.controller.js';
import { answerFailure, ErrorFilter } from './error.filter.js';
import { BODY_BYTES_MAX, parseJsonBody, SMALL_BODY_BYTES } from './json-body.js';
import { OperationsController } from './operations.controller.js';
import { answerUnreadable } from './unreadable.js';
import { HTTP_PARTS, type HttpParts } from './http-parts.js';

/** Longer than load balancers keep theirs, so that they close first. */
const KEEP_ALIVE_MS = 72_000;
/** A request that has not arrived whole by then is answered with 408 and closed. */
const REQUEST_TIMEOUT_MS = 10_000;
/** How often that is looked at. */
const REQUEST_CHECK_MS = 2_000;
/** A connection whose client reads nothing of its answers for so long is closed. */
const UNREAD_MS = 15_000;
/** A silence passes once: Node's own rule where a part of what was written has gone, ours where nothing is left to be read. */
const SILENT_MS = UNREAD_MS / 2;

/** Open to all: an orchestrator has no key. */
const KEYLESS_PATHS: ReadonlySet<string> = new Set(['/healthz', '/readyz']);

/** Bodies are parsed by our own parser, and problems are told by our own logger. */
const NEST_OPTIONS: Pick<NestApplicationOptions, 'bodyParser' | 'logger' | 'abortOnError'> = {
  bodyParser: false,
  logger: false,
  abortOnError: false,
};

@Module({})
export class HttpModule {
  static with(parts: HttpParts): DynamicModule {
    return {
      module: HttpModule,
      controllers: [OperationsController, DocsController],
      providers: [{ provide: HTTP_PARTS, useValue: parts }],
    };
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

/** Not listening yet. */
export async function createHttpApp(parts: HttpParts): Promise<NestFastifyApplication> {
  const { edge, readiness, connections, arrivals } = parts;
  const adapter = new FastifyAdapter({
    bodyLimit: BODY_BYTES_MAX,
    keepAliveTimeout: KEEP_ALIVE_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionTimeout: SILENT_MS,
    // Node takes the shorter time for the headers and the longer one for all of the request: they are told to be the same.
    http: { connectionsCheckingInterval: REQUEST_CHECK_MS, headersTimeout: REQUEST_TIMEOUT_MS },
    forceCloseConnections: 'idle',
    // What still comes on a connection that is kept alive is served, as its last.
    return503OnClosing: false,
    clientErrorHandler: (error, socket) => {
      answerUnreadable(edge, error, socket);
    },
    // Paths that cannot be decoded reach no route and no filter.
    frameworkErrors: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
      answerFailure(edge, error, request, reply);
    },
  });
  const mayGo = ({ socket }: IncomingMessage): boolean => {
    const connection = connectionOf(socket);
    if (connection === undefined) return false;
    // What was sent without waiting for this answer would not be read any more.
    const isAlone = connection.underWay === 0 && connection.inARow <= 1;
    return isAlone && connections.mayGo(connection);
  };
  const fastify = adapter.getInstance();
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    const { client } = request;
    const bytes = typeof body === 'string' ? Buffer.from(body) : body;
    request.arrival = arrivals.next();
    if (client === undefined || request.is404) {
      done(null, undefined);
    } else if (bytes.length > SMALL_BODY_BYTES) {
      edge
        .inTurn(client, () => parseJsonBody(bytes))
        .then((parsed) => {
          done(null, parsed);
        }, done);
    } else {
      try {
        done(null, parseJsonBody(bytes));
      } catch (error) {
        done(asError(error));
      }
    }
  });
  fastify.addHook('onRequest', (request, reply, done) => {
    // The route that matched: a path can be written in many ways.
    const { url = '' } = request.routeOptions;
    const isOfApi = url.startsWith(API_PREFIX);
    // Whoever asks this process again is better off with another.
    if (readiness.isDraining || (isOfApi && mayGo(request.raw))) reply.header('connection', 'close');
    try {
      const { authorization } = request.headers;
      if (isOfApi) request.client = edge.enter(authorization);
      else if (!KEYLESS_PATHS.has(url)) request.client = edge.visit(authorization);
      done();
    } catch (error) {
      void edge.holdBack().then(() => {
        done(asError(error));
      });
    }
  });
  addApiRoutes(fastify, parts);
  boundConnections(fastify.server, connections, { unreadMs: UNREAD_MS, lookEveryMs: REQUEST_CHECK_MS });
  const app = await NestFactory.create<NestFastifyApplication>(HttpModule.with(parts), adapter, NEST_OPTIONS);
  app.useGlobalFilters(new ErrorFilter(edge));
  return app;
}
