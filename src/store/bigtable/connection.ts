/** A gRPC channel to Bigtable that is never waited for longer than a call's own time, and is replaced when it seems dead. */
import type { ChannelCredentials, ClientReadableStream } from '@grpc/grpc-js';
import { Client, Metadata } from '@grpc/grpc-js';
import { abortedBy } from '../call-deadline.js';
import type { CallOptions } from '../row-store.js';
import { StoreError } from '../row-store.js';
import type { Method } from './methods.js';
import { storeError } from './status.js';

/** After so many calls ran out of time, none of them and none within `SILENT_MS` being answered, a new channel is made. */
const TIMEOUTS_BEFORE_REPLACING = 3;
const SILENT_MS = 1000;

const CHANNEL_OPTIONS = {
  'grpc.max_receive_message_length': -1,
  'grpc.max_send_message_length': -1,
  // The defaults, 1 s growing to 120 s, would keep a server that is back unnoticed for minutes.
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 1000,
  // As Google's own clients: finds connections that died without a word.
  'grpc.keepalive_time_ms': 30_000,
  'grpc.keepalive_timeout_ms': 10_000,
  // HTTP/2's default of 64 KB would let a connection carry no more than that in each round trip to the server and back.
  'grpc-node.flow_control_window': 8 * 1024 * 1024,
  // A replacement must not share the connection that it replaces.
  'grpc.use_local_subchannel_pool': 1,
};

export class Connection {
  private client: Client | undefined;
  private timeouts = 0;
  private lastAnswerMs: number;
  private closed = false;

  constructor(
    private readonly address: string,
    private readonly credentials: ChannelCredentials,
    private readonly timeoutMsDefault: number,
    private readonly nowMs: () => number,
  ) {
    this.lastAnswerMs = nowMs();
  }

  /** One request, one answer. Rejects with StoreError. */
  unary<Request, Response>(
    method: Method<Request, Response>,
    request: Request,
    routing: string,
    options: CallOptions | undefined,
  ): Promise<Response> {
    return new Promise((resolve, reject) => {
      const client = this.open();
      const call = client.makeUnaryRequest(
        method.path,
        method.encode,
        method.decode,
        request,
        routed(routing),
        (error, response) => {
          if (response !== undefined) done(undefined, response);
          else done(storeError(error));
        },
      );
      const done = this.limited(options, call, (error, response?: Response) => {
        if (response !== undefined) resolve(response);
        else reject(error ?? new StoreError('error', 'Bigtable answered nothing'));
      });
    });
  }

  /**
   * One request, many answers. Rejects with StoreError.
   * @param onMessage returns false to end the call, which then resolves
   */
  stream<Request, Response>(
    method: Method<Request, Response>,
    request: Request,
    routing: string,
    options: CallOptions | undefined,
    onMessage: (message: Response) => boolean,
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      const client = this.open();
      const call: ClientReadableStream<Response> = client.makeServerStreamRequest(
        method.path,
        method.encode,
        method.decode,
        request,
        routed(routing),
      );
      const done = this.limited(options, call, (error) => {
        if (error === undefined) resolve();
        else reject(error);
      });
      call.on('data', (message: Response) => {
        try {
          if (onMessage(message)) return;
          done(undefined);
          call.cancel();
        } catch (error) {
          done(storeError(error));
          call.cancel();
        }
      });
      call.on('end', () => {
        done(undefined);
      });
      call.on('error', (error) => {
        done(storeError(error));
      });
    });
  }

  close(): void {
    this.closed = true;
    this.client?.close();
    this.client = undefined;
  }

  /** Settles once: by what the returned function is given, when the time is over, or when the signal is aborted. */
  private limited<Response>(
    options: CallOptions | undefined,
    call: { cancel(): void },
    settle: (error: StoreError | undefined, response?: Response) => void,
  ): (error: StoreError | undefined, response?: Response) => void {
    const { signal, timeoutMs = this.timeoutMsDefault } = options ?? {};
    let open = true;
    const done = (error: StoreError | undefined, response?: Response) => {
      if (!open) return;
      open = false;
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      this.learn(error);
      settle(error, response);
    };
    const onAbort = () => {
      done(abortedBy(signal));
      call.cancel();
    };
    // An own timer: gRPC's deadline costs 70 us of CPU a call, and a stalled channel could outlast it.
    // Judged a turn later, when what has arrived was read: after a long turn of this process timers come first.
    const timer = setTimeout(() => {
      setImmediate(() => {
        done(new StoreError('timeout', `no answer from Bigtable within ${timeoutMs} ms`));
        call.cancel();
      });
    }, timeoutMs);
    signal?.addEventListener('abort', onAbort, { once: true });
    return done;
  }

  private learn(error: StoreError | undefined): void {
    const now = this.nowMs();
    if (error?.reason === 'aborted') return;
    if (error?.reason !== 'timeout') {
      this.timeouts = 0;
      this.lastAnswerMs = now;
      return;
    }
    if (++this.timeouts < TIMEOUTS_BEFORE_REPLACING || now - this.lastAnswerMs < SILENT_MS) return;
    this.timeouts = 0;
    this.lastAnswerMs = now;
    this.client?.close();
    this.client = undefined;
  }

  private open(): Client {
    if (this.closed) throw new StoreError('unavailable', 'the store is closed');
    this.client ??= new Client(this.address, this.credentials, CHANNEL_OPTIONS);
    return this.client;
  }
}

/** Bigtable finds the tablet server by this header. */
function routed(routing: string): Metadata {
  const metadata = new Metadata();
  metadata.set('x-goog-request-params', routing);
  return metadata;
}
