/** The part of memjs 1.3.2 that Segue uses, https://github.com/memcachier/memjs; it ships no types. */
declare module 'memjs' {
  /** A connection to one server, made on first use. */
  export interface Server {
    /** Bytes of an answer that is not whole yet. */
    readonly responseBuffer: Buffer;
    /** Present while connecting or connected. */
    readonly _socket?: import('node:net').Socket;
    responseHandler: (data: Buffer) => void;
    /** Destroys the connection and fails all calls under way. */
    error(error: Error): void;
  }

  export interface ClientOptions {
    /** Attempts in all; 1 never repeats. */
    readonly retries: number;
    readonly username?: string;
    readonly password?: string;
    /** Seconds. */
    readonly timeout: number;
    /** Seconds. */
    readonly conntimeout: number;
    readonly logger: { log(line: string): void };
  }

  export interface Client {
    readonly servers: readonly Server[];
    get(key: string, callback: (error: Error | null, value: Buffer | null) => void): void;
    set(
      key: string,
      value: Uint8Array,
      options: { readonly expires: number },
      callback: (error: Error | null, success: boolean | null) => void,
    ): void;
    delete(key: string, callback: (error: Error | null, success: boolean | null) => void): void;
  }

  const memjs: { readonly Client: { create(servers: string, options: ClientOptions): Client } };
  export default memjs;
}
