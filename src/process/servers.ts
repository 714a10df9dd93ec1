/** Both servers of one process: they listen together and drain together. */
import type { Server as HttpServer } from 'node:http';
import { setTimeout as startTimer } from 'node:timers';
import { setTimeout } from 'node:timers/promises';
import type { Meter } from '@opentelemetry/api';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Admission } from '../api/admission/admission.js';
import { measuredAdmission } from '../api/admission/measured-admission.js';
import type { Arrivals } from '../api/arrivals.js';
import { Clients } from '../api/clients.js';
import { ConnectionLimit } from '../api/connections/connection-limit.js';
import { ConnectionMetrics } from '../api/connections/connection-metrics.js';
import { Edge, type EdgeParts } from '../api/edge.js';
import type { GrpcListener } from '../api/grpc/grpc-listener.js';
import { createGrpcServer } from '../api/grpc/grpc-server.js';
import { createHttpApp } from '../api/http/http-app.js';
import type { Readiness } from '../api/readiness.js';
import type { Config } from '../config.js';
import type { RecommendResponse } from '../recommend/types.js';
import type { Transport } from '../telemetry/instruments.js';
import type { RequestMetrics } from '../telemetry/request-metrics.js';
import type { Load } from './balance.js';
import { listenError } from './listen-error.js';
import { sharedScrape } from './scrape.js';

/** So long, idle connections are given for one more request, which is answered as their last. */
const LINGER_MS = 500;
const LOOK_MS = 20;

export interface ServersParts extends Pick<EdgeParts, 'recommender' | 'recorder' | 'log' | 'newRequestId'> {
  readonly telemetry: EdgeParts['telemetry'] & { readonly meter: Meter; readonly requests: RequestMetrics };
  readonly readiness: Readiness;
  readonly scrape: () => Promise<string>;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly arrivals: Pick<Arrivals, 'next'>;
  readonly clock: { readonly monotonicMs: () => number; readonly wallMs: () => number };
}

export interface Ports {
  readonly httpPort: number;
  readonly grpcPort: number;
}

type ByTransport<T> = Readonly<Record<Transport, T>>;

export class Servers {
  private active: ByTransport<number> = { http: 0, grpc: 0 };

  private constructor(
    private readonly config: Pick<Config, 'http' | 'grpc'>,
    private readonly http: NestFastifyApplication,
    private readonly grpc: GrpcListener,
    private readonly readiness: Readiness,
    private readonly connections: ByTransport<ConnectionLimit>,
    private readonly admission: Pick<Admission<unknown>, 'takeShedding'>,
  ) {}

  /** Not listening yet. */
  static async create(config: Pick<Config, 'http' | 'grpc' | 'client'>, parts: ServersParts): Promise<Servers> {
    const { readiness, scrape, clock, arrivals, telemetry, log, random } = parts;
    const { monotonicMs: now, wallMs } = clock;
    const clients = new Clients(config.client.keys, config.client.limits);
    const { meter, requests } = telemetry;
    const admission = measuredAdmission<RecommendResponse>({ meter, requests, log, nowMs: now, random });
    const edge = new Edge({ ...parts, ...admission, clients, now });
    const observer = new ConnectionMetrics(meter, log);
    const connections = {
      http: new ConnectionLimit({ transport: 'http', observer, now }),
      grpc: new ConnectionLimit({ transport: 'grpc', observer, now }),
    };
    const common = { edge, readiness, now, wallMs, arrivals };
    const http = await createHttpApp({ ...common, connections: connections.http, scrape: sharedScrape(scrape, now) });
    const grpc = createGrpcServer({ ...common, connections: connections.grpc });
    return new Servers(config, http, grpc, readiness, connections, admission.admission);
  }

  /** @throws HopelessError */
  async listen(): Promise<Ports> {
    const { http, grpc } = this.config;
    try {
      await this.http.listen(http.port, http.host);
    } catch (error) {
      throw listenError(error, 'http', http.host, http.port);
    }
    const address = this.http.getHttpAdapter().getInstance().server.address();
    const httpPort = typeof address === 'object' && address !== null ? address.port : http.port;
    try {
      return { httpPort, grpcPort: await this.grpc.listen(grpc.port, grpc.host) };
    } catch (error) {
      throw listenError(error, 'grpc', grpc.host, grpc.port);
    }
  }

  /** What was asked since the last call. */
  takeLoad(): Omit<Load, 'utilization'> {
    this.active = { http: this.connections.http.takeActive(), grpc: this.connections.grpc.takeActive() };
    return { connections: this.active.http + this.active.grpc, ...this.admission.takeShedding() };
  }

  /** From now on, tells clients of so many of them to make others, with what they ask next. */
  letGo(count: number): void {
    const { http, grpc } = this.active;
    const ofHttp = http === 0 ? 0 : Math.round((count * http) / (http + grpc));
    this.connections.http.letGo(ofHttp);
    this.connections.grpc.letGo(count - ofHttp);
  }

  /** A connection that is closed while its client sends costs the client a request: those kept alive are told to close first. */
  private async closeHttp(): Promise<void> {
    const { server } = this.http.getHttpAdapter().getInstance();
    const untilMs = performance.now() + LINGER_MS;
    while (performance.now() < untilMs && (await connectionsOf(server)) > 0) await setTimeout(LOOK_MS);
    const closed = this.http.close();
    // Node closes what is kept alive, and waits for what was opened ahead of a request.
    const timer = setInterval(() => {
      this.connections.http.closeUnused(0, Infinity);
    }, LOOK_MS);
    await closed.finally(() => {
      clearInterval(timer);
    });
  }

  /** Not ready any more, accepts nothing new, and lets what runs finish; cuts it off after `timeoutMs`. True when all of it finished. */
  async drain(timeoutMs: number): Promise<boolean> {
    this.readiness.drain();
    const server = this.http.getHttpAdapter().getInstance().server;
    const late = Promise.withResolvers<false>();
    const timer = startTimer(late.resolve, timeoutMs, false as const);
    const done = Promise.all([this.closeHttp(), this.grpc.drain()]).then(() => true as const);
    const finished = await Promise.race([done, late.promise]);
    clearTimeout(timer);
    if (!finished) {
      server.closeAllConnections();
      this.grpc.cut();
      await done;
    }
    return finished;
  }
}

function connectionsOf(server: HttpServer): Promise<number> {
  return new Promise((resolve) => {
    server.getConnections((error, count) => {
      resolve(error === null ? count : 0);
    });
  });
}
