/**
 * One Memcached server through memjs, whose client cannot be trusted once anything went wrong: cut in the middle of a value,
 * each later call of it hangs; stalled, its own time limits come late. So every call has its own timer, a client is thrown
 * away at the first sign of trouble, and a breaker answers at once while the server is away.
 */
import memjs from 'memjs';
import type { Client, Server } from 'memjs';
import type { Socket } from 'node:net';
import type { CallOptions } from '../store/row-store.js';
import type { CacheFailure } from './cache.js';

/** First byte of every answer in Memcached's binary protocol. */
const ANSWER_MAGIC = 0x81;
/** So many calls in a row that outlast the usual time make the server too slow to ask. */
const SLOW_CALLS_MAX = 8;
const CALLS_MAX = 256;
const BYTES_MAX = 16 * 1024 * 1024;
const RETRY_MS_FIRST = 100;
const RETRY_MS_MAX = 1000;
const PROBE_KEY = 'segue-probe';
/** Of memjs itself, in seconds: never, as ours come first. */
const NEVER_SECONDS = 3600;

export interface LinkLimits {
  /** For a call whose options name none. */
  readonly timeoutMs: number;
  /** An answer later than this, of any call, makes the client suspect; no call waits longer. */
  readonly stallMs: number;
}

export type Outcome<T> = { readonly value: T } | { readonly failure: CacheFailure | 'aborted' };

/** Starts a call; memjs reports its end to `done`. */
type Start<T> = (client: Client, done: (error: Error | null, value: T) => void) => void;

export class MemcachedLink {
  private client: Client | undefined;
  private readonly watched = new WeakSet<Socket>();
  private calls = 0;
  private bytes = 0;
  /** While the breaker is open: when to look again. */
  private retryAtMs: number | undefined;
  private retryMs = RETRY_MS_FIRST;
  private probing = false;
  private slowCalls = 0;
  private closed = false;

  /** @param server `host:port` */
  constructor(
    private readonly server: string,
    private readonly limits: LinkLimits,
    private readonly nowMs: () => number,
  ) {}

  get healthy(): boolean {
    return this.retryAtMs === undefined && !this.closed;
  }

  /** @param bytes that the call sends */
  call<T>(bytes: number, options: CallOptions | undefined, start: Start<T>): Promise<Outcome<T>> {
    if (options?.signal?.aborted === true) return Promise.resolve({ failure: 'aborted' });
    if (options?.timeoutMs !== undefined && options.timeoutMs <= 0) return Promise.resolve({ failure: 'timeout' });
    if (!this.healthy) {
      this.lookAgain();
      return Promise.resolve({ failure: 'unavailable' });
    }
    if (this.calls >= CALLS_MAX || this.bytes + bytes > BYTES_MAX) return Promise.resolve({ failure: 'unavailable' });
    return this.attempt(bytes, options, start);
  }

  close(): void {
    this.closed = true;
    this.discard(this.client, 'closed');
  }

  private attempt<T>(bytes: number, options: CallOptions | undefined, start: Start<T>): Promise<Outcome<T>> {
    const client = (this.client ??= this.connect());
    this.calls++;
    this.bytes += bytes;
    return new Promise((resolve) => {
      const startMs = this.nowMs();
      let under = true;
      const settle = (outcome: Outcome<T>) => {
        clearTimeout(timer);
        options?.signal?.removeEventListener('abort', onAbort);
        resolve(outcome);
      };
      const onAbort = () => {
        settle({ failure: 'aborted' });
      };
      const { stallMs, timeoutMs: usualMs } = this.limits;
      const timeoutMs = Math.min(options?.timeoutMs ?? usualMs, stallMs);
      // Judged a turn later, when what has arrived was read: after a long turn of this process timers come first.
      const timer = setTimeout(() => {
        setImmediate(() => {
          settle({ failure: 'timeout' });
          if (under && timeoutMs >= usualMs && ++this.slowCalls >= SLOW_CALLS_MAX) this.fail(client, 'too slow');
        });
      }, timeoutMs);
      const stall = setTimeout(() => {
        setImmediate(() => {
          if (under) this.fail(client, `no answer within ${stallMs} ms`);
        });
      }, stallMs);
      const end = (outcome: Outcome<T>) => {
        if (!under) return;
        under = false;
        this.calls--;
        this.bytes -= bytes;
        clearTimeout(stall);
        if (this.nowMs() - startMs < usualMs) this.slowCalls = 0;
        settle(outcome);
      };
      options?.signal?.addEventListener('abort', onAbort, { once: true });
      start(client, (error, value) => {
        if (error === null) end({ value });
        else {
          end({ failure: failureOf(error) });
          if (!isAnswer(error)) this.fail(client, error.message);
        }
      });
      this.watch(client);
    });
  }

  private connect(): Client {
    const client = memjs.Client.create(this.server, {
      retries: 1,
      timeout: NEVER_SECONDS,
      conntimeout: NEVER_SECONDS,
      logger: { log: () => undefined },
    });
    for (const server of client.servers) this.guard(client, server);
    return client;
  }

  /** memjs takes any bytes for an answer, and an exception in its handler would end the process. */
  private guard(client: Client, server: Server): void {
    const handle = server.responseHandler.bind(server);
    const sane = (bytes: Buffer) => bytes.length === 0 || bytes[0] === ANSWER_MAGIC;
    server.responseHandler = (data) => {
      try {
        if (sane(server.responseBuffer.length > 0 ? server.responseBuffer : data)) handle(data);
        else this.fail(client, 'garbage');
        if (!sane(server.responseBuffer)) this.fail(client, 'garbage');
      } catch (error) {
        this.fail(client, String(error));
      }
    };
  }

  /** memjs tells no one that a connection ended. */
  private watch(client: Client): void {
    for (const { _socket: socket } of client.servers) {
      if (socket === undefined || this.watched.has(socket)) continue;
      this.watched.add(socket);
      socket.once('close', () => {
        if (this.client !== client) return;
        if (this.calls > 0) this.fail(client, 'connection closed');
        else this.discard(client, 'connection closed');
      });
    }
  }

  /** Opens the breaker, for longer each time. */
  private fail(client: Client, problem: string): void {
    // Of several calls that failed together, the first opens it.
    if (this.client !== client) return;
    this.open();
    this.discard(client, problem);
  }

  private open(): void {
    this.slowCalls = 0;
    this.retryAtMs = this.nowMs() + this.retryMs;
    this.retryMs = Math.min(RETRY_MS_MAX, this.retryMs * 2);
  }

  private discard(client: Client | undefined, problem: string): void {
    if (this.client === client) this.client = undefined;
    for (const server of client?.servers ?? []) server.error(new Error(problem));
  }

  /** Half open: when it is time, one call of our own goes out, so that nobody's request waits for a server that is away. */
  private lookAgain(): void {
    if (this.closed || this.probing || this.retryAtMs === undefined || this.nowMs() < this.retryAtMs) return;
    this.probing = true;
    const { retryAtMs } = this;
    void this.attempt<Buffer | null>(0, undefined, (client, done) => {
      client.get(PROBE_KEY, done);
    }).then((outcome) => {
      this.probing = false;
      if ('value' in outcome) {
        this.retryAtMs = undefined;
        this.retryMs = RETRY_MS_FIRST;
      } else if (this.retryAtMs === retryAtMs) this.open();
    });
  }
}

/** Whether the server itself refused, over a connection that works. */
function isAnswer(error: Error): boolean {
  return error.message.startsWith('MemJS ');
}

function failureOf(error: Error): CacheFailure {
  if (!isAnswer(error)) return 'unavailable';
  return error.message.includes('too large') ? 'too-large' : 'error';
}
