/** The one logger: JSON lines to stdout, with request and trace ids where there are any. */
import { pino, type Logger } from 'pino';

export type Log = Logger;
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** @param process slot in the cluster */
export function createLog(level: LogLevel, process: number | 'primary'): Log {
  return pino({
    level,
    base: { process },
    timestamp: pino.stdTimeFunctions.isoTime,
    messageKey: 'message',
    formatters: { level: (label) => ({ level: label }) },
  });
}

/** What a line about a request carries. */
export interface RequestLabels {
  readonly requestId?: string;
  /** Of W3C trace context. */
  readonly traceId?: string;
}
