/** A TCP proxy on a loopback port that passes a server's traffic on, or breaks it in a chosen way. */
import { once } from 'node:events';
import type { AddressInfo, Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** What happens to bytes from now on, on open connections as well. */
export type Fault =
  | { readonly kind: 'pass' }
  /** Nothing passes; what waits passes later. */
  | { readonly kind: 'stall' }
  /** Each connection, or only the first to get so far, ends after so many more bytes of the server's answers. */
  | { readonly kind: 'cut'; readonly afterBytes: number; readonly once?: boolean }
  /** Answers pass in pieces of so many bytes, each after a delay. */
  | { readonly kind: 'slow'; readonly bytes: number; readonly delayMs: number }
  /** Each byte of an answer is inverted. */
  | { readonly kind: 'corrupt' }
  /** Open connections end and new ones are refused. */
  | { readonly kind: 'refuse' };

export class FaultProxy {
  private fault: Fault = { kind: 'pass' };
  private released = Promise.withResolvers<undefined>();
  private readonly sockets = new Set<Socket>();
  /** Connections accepted since the start. */
  accepted = 0;

  private constructor(
    private readonly server: Server,
    private readonly upstreamPort: number,
    readonly port: number,
  ) {
    server.on('connection', (client) => {
      this.accept(client);
    });
  }

  /** Listens on a free port in front of a server on the loopback port `upstreamPort`. */
  static async start(upstreamPort: number): Promise<FaultProxy> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new FaultProxy(server, upstreamPort, (server.address() as AddressInfo).port);
  }

  async set(fault: Fault): Promise<void> {
    const before = this.fault;
    this.fault = fault;
    this.released.resolve(undefined);
    this.released = Promise.withResolvers();
    if (fault.kind === 'refuse') {
      const closed = once(this.server, 'close');
      this.server.close();
      this.dropConnections();
      await closed;
    } else if (before.kind === 'refuse') {
      this.server.listen(this.port, '127.0.0.1');
      await once(this.server, 'listening');
    }
  }

  /** Ends all open connections; new ones are accepted as the fault says. */
  dropConnections(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.fault = { kind: 'pass' };
    this.released.resolve(undefined);
    this.dropConnections();
    if (!this.server.listening) return;
    const closed = once(this.server, 'close');
    this.server.close();
    await closed;
  }

  private accept(client: Socket): void {
    this.accepted++;
    const upstream = connect(this.upstreamPort, '127.0.0.1');
    for (const socket of [client, upstream]) {
      this.sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    void this.pump(client, upstream, 'questions');
    void this.pump(upstream, client, 'answers');
  }

  private async pump(from: Socket, to: Socket, direction: 'questions' | 'answers'): Promise<void> {
    let passedUnderCut = 0;
    try {
      for await (const chunk of from as AsyncIterable<Buffer>) {
        while (this.fault.kind === 'stall') await this.released.promise;
        const { fault } = this;
        if (direction === 'questions' || fault.kind === 'pass') await write(to, chunk);
        else if (fault.kind === 'corrupt')
          await write(
            to,
            chunk.map((byte) => ~byte),
          );
        else if (fault.kind === 'slow') {
          for (let at = 0; at < chunk.length; at += fault.bytes) {
            await sleep(fault.delayMs);
            await write(to, chunk.subarray(at, at + fault.bytes));
          }
        } else if (fault.kind === 'cut') {
          await write(to, chunk.subarray(0, fault.afterBytes - passedUnderCut));
          passedUnderCut += chunk.length;
          if (passedUnderCut < fault.afterBytes) continue;
          if (fault.once === true) this.fault = { kind: 'pass' };
          // An orderly end, so that what was passed arrives: a reset would discard it.
          to.end();
          from.destroy();
          return;
        }
      }
      to.end();
    } catch {
      // A connection that broke; its 'close' ends the other side.
    }
  }
}

async function write(to: Socket, bytes: Uint8Array): Promise<void> {
  if (bytes.length > 0 && !to.write(bytes)) await Promise.race([once(to, 'drain'), once(to, 'close')]);
}
