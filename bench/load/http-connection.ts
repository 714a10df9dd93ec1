/** One keep-alive HTTP/1.1 connection that carries one request at a time, with as little work as can be. */
import { connect, type Socket } from 'node:net';

const HEADER_END = Buffer.from('\r\n\r\n');
/** As servers of this bench spell it. */
const LENGTHS = [Buffer.from('\r\ncontent-length: '), Buffer.from('\r\nContent-Length: ')] as const;
const CLOSES = [Buffer.from('\r\nconnection: close'), Buffer.from('\r\nConnection: close')] as const;
const READ_BYTES = 64 * 1024;
const CR = 0x0d;

/** Lent to one read at a time; what is kept of it is copied. */
const readBuffer = Buffer.allocUnsafe(READ_BYTES);

export interface ConnectionEvents {
  /** It can take a request. */
  idle(connection: HttpConnection): void;
  /** The body is `bytes` from `start` to `end`, lent for the time of the call. */
  answered(connection: HttpConnection, status: number, bytes: Buffer, start: number, end: number): void;
  /** It closed; `answerBegan` where a part of an answer had arrived. */
  closed(connection: HttpConnection, wasBusy: boolean, answerBegan: boolean): void;
}

export class HttpConnection {
  /** Number of the request it carries, for its owner. */
  request = -1;
  private readonly socket: Socket;
  private held: Buffer | undefined;
  private open = true;

  constructor(
    port: number,
    private readonly events: ConnectionEvents,
  ) {
    this.socket = connect({
      port,
      host: '127.0.0.1',
      noDelay: true,
      onread: {
        buffer: readBuffer,
        callback: (length, buffer) => {
          this.received(Buffer.from(buffer.buffer, buffer.byteOffset, length));
          return true;
        },
      },
    });
    this.socket.once('connect', () => {
      events.idle(this);
    });
    this.socket.on('error', () => undefined);
    this.socket.once('close', () => {
      this.open = false;
      events.closed(this, this.request >= 0, this.held !== undefined);
    });
  }

  get isOpen(): boolean {
    return this.open;
  }

  send(request: number, bytes: Buffer): void {
    this.request = request;
    this.socket.write(bytes);
  }

  /** `closed` follows. */
  destroy(): void {
    this.open = false;
    this.socket.destroy();
  }

  private received(chunk: Buffer): void {
    const bytes = this.held === undefined ? chunk : Buffer.concat([this.held, chunk]);
    const headerEnd = bytes.indexOf(HEADER_END);
    const length = headerEnd < 0 ? -1 : contentLength(bytes, headerEnd);
    const start = headerEnd + HEADER_END.length;
    const end = start + length;
    if (headerEnd < 0 || bytes.length < end) {
      this.held = this.held === undefined ? Buffer.from(chunk) : bytes;
      return;
    }
    this.held = undefined;
    if (this.request < 0) {
      // Nobody asked: a server that says why it closes.
      this.destroy();
      return;
    }
    const status = bytes[9] * 100 + bytes[10] * 10 + bytes[11] - 48 * 111;
    const closes = CLOSES.some((needle) => isBefore(bytes.indexOf(needle), headerEnd));
    this.events.answered(this, status, bytes, start, end);
    this.request = -1;
    if (closes) this.destroy();
    else if (this.open) this.events.idle(this);
  }
}

function isBefore(at: number, end: number): boolean {
  return at >= 0 && at < end;
}

/** @throws Error for an answer without a length: these servers send none */
function contentLength(bytes: Buffer, headerEnd: number): number {
  for (const needle of LENGTHS) {
    const at = bytes.indexOf(needle);
    if (!isBefore(at, headerEnd)) continue;
    let length = 0;
    for (let i = at + needle.length; bytes[i] !== CR; i++) length = length * 10 + bytes[i] - 48;
    return length;
  }
  throw new Error('an answer without content-length');
}
