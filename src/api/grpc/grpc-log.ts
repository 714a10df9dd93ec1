/** What grpc-js would write to stderr by itself goes to the one log. */
import { format } from 'node:util';
import { setLogger } from '@grpc/grpc-js';
import type { Log } from '../../log.js';

/** Of the whole process. Lines below errors come where `GRPC_VERBOSITY` asks for them. */
export function logGrpcTo(log: Log): void {
  const info = (...said: readonly unknown[]): void => {
    log.info({ part: 'grpc' }, format(...said));
  };
  setLogger({
    error: (...said: readonly unknown[]) => {
      log.error({ part: 'grpc' }, format(...said));
    },
    info,
    debug: info,
  });
}
