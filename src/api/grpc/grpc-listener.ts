/** The port of gRPC. Connections are accepted here and handed to the library, which has no limit of its own for them. */
import { createServer, type Server as NetServer, type Socket } from 'node:net';
import { ServerCredentials, type Server } from '@grpc/grpc-js';
import type { ConnectionLimit } from '../connections/connection-limit.js';
import type { OpenCalls } from './open-calls.js';

/** A connection on which no call was under way for so long is told to go; its client makes another with its next call. */
export const IDLE_MS = 300_000;
/** Whoever does not go by then is closed. */
const GOING_MS = 10_000;
/** A connection whose client has not begun to speak HTTP/2 by then is closed. */
const PREFACE_MS = 10_000;
/** Of the text every client of HTTP/2 begins with. */
const PREFACE_BYTES = 24;
/** How often all that is looked at. */
const CHECK_MS = 2000;

export class GrpcListener {
  private readonly port: NetServer;
  private readonly sockets = new Set<Socket>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly server: Server,
    private readonly connections: ConnectionLimit,
    private readonly openCalls: OpenCalls,
  ) {
    const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
    this.port = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      // HTTP/2 tells of what goes wrong on its own.
      socket.on('error', () => undefined);
      if (!connections.opened(socket)) return;
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
      injector.injectConnection(socket);
    });
  }

  /** Resolves with the port, rejects where it cannot have it. */
  listen(port: number, host: string): Promise<number> {
    return new Promise((resolve, reject) => {
      this.port.once('error', reject);
      this.port.listen(port, host, () => {
        this.port.off('error', reject);
        this.timer = setInterval(() => {
          this.openCalls.closeLate();
          this.connections.closeSilent(PREFACE_MS, PREFACE_BYTES);
          this.connections.closeIdle(IDLE_MS + GOING_MS);
        }, CHECK_MS).unref();
        const address = this.port.address();
        resolve(typeof address === 'object' && address !== null ? address.port : port);
      });
    });
  }

  /** Accepts nothing new and resolves when all calls are done. */
  drain(): Promise<void> {
    this.port.close();
    return new Promise((resolve) => {
      this.server.tryShutdown(() => {
        clearInterval(this.timer);
        resolve();
      });
    });
  }

  /** Ends all that is still under way. The library alone would wait for clients that read nothing. */
  cut(): void {
    this.server.forceShutdown();
    for (const socket of this.sockets) socket.destroy();
  }
}
