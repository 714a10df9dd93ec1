/** A port that cannot be had. */
import { HopelessError } from './hopeless-error.js';

export function listenError(error: unknown, side: 'http' | 'grpc', host: string, port: number): HopelessError {
  const message = error instanceof Error ? error.message : String(error);
  const where = `${host}:${port} (SEGUE_${side.toUpperCase()}_PORT, ${side}.port)`;
  const why = message.includes('EADDRINUSE') ? 'something else listens there' : message;
  return new HopelessError(`cannot listen on ${where}: ${why}`, { cause: error });
}
