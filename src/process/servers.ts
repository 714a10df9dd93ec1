/** Both servers of one process: they listen together and drain together. */
import type { Server } from '@grpc/grpc-js';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ClientKeys } from '../api/client-keys.js';
import { Edge, type EdgeParts } from '../api/edge.js';
import { createGrpcServer, drainGrpc, listenGrpc } from '../api/grpc/grpc-server.js';
import { createHttpApp } from '../api/http/http-app.js';
import type { Readiness } from '../api/readiness.js';
import type { Config } from '../config.js';
import { listenError } from './listen-error.js';

export interface ServersParts extends EdgeParts {
  readonly readiness: Readiness;
  readonly scrape: () => Promise<string>;
  readonly clock: { readonly monotonicMs: () => number; readonly wallMs: () => number };
}

export interface Ports {
  readonly httpPort: number;
  readonly grpcPort: number;
}

export class Servers {
  private constructor(
    private readonly config: Pick<Config, 'http' | 'grpc'>,
    private readonly http: NestFastifyApplication,
    private readonly grpc: Server,
    private readonly readiness: Readiness,
  ) {}

  /** Not listening yet. */
  static async create(config: Pick<Config, 'http' | 'grpc' | 'client'>, parts: ServersParts): Promise<Servers> {
    const { readiness, scrape, clock } = parts;
    const edge = new Edge(parts);
    const clientKeys = new ClientKeys(config.client.keys);
    const { monotonicMs, wallMs } = clock;
    const http = await createHttpApp({ edge, readiness, scrape, now: monotonicMs }, clientKeys);
    const grpc = createGrpcServer({ edge, readiness, clientKeys, now: monotonicMs, wallMs });
    return new Servers(config, http, grpc, readiness);
  }

  /** @throws ListenError */
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
      return { httpPort, grpcPort: await listenGrpc(this.grpc, grpc.host, grpc.port) };
    } catch (error) {
      throw listenError(error, 'grpc', grpc.host, grpc.port);
    }
  }

  /** Not ready any more, accepts nothing new, and lets what runs finish; cuts it off after `timeoutMs`. True when all of it finished. */
  async drain(timeoutMs: number): Promise<boolean> {
    this.readiness.drain();
    const server = this.http.getHttpAdapter().getInstance().server;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<false>((resolve) => {
      timer = setTimeout(resolve, timeoutMs, false);
    });
    const done = Promise.all([this.http.close(), drainGrpc(this.grpc)]).then(() => true as const);
    const finished = await Promise.race([done, late]);
    clearTimeout(timer);
    if (!finished) {
      server.closeAllConnections();
      this.grpc.forceShutdown();
      await done;
    }
    return finished;
  }
}
