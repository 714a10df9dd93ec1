/** What grpc-js would write to stderr by itself goes to the one log. */
import { format } from 'node:util';
import { setLogger } from '@grpc/grpc-js';
import type { Log } from '../../log.js';

/** Said before `bindAsync` fails with the same and the reason: whoever binds says it better. */
const SAID_BY_BIND = 'No address added out of total';

/** Of the whole process. Lines below errors come where `GRPC_VERBOSITY` asks for them. */
export function logGrpcTo(log: Log): void {
  const info = (...said: readonly unknown[]): void => {
    log.info({ part: 'grpc' }, format(...said));
  };
  setLogger({
    error: (...said: readonly unknown[]) => {
      const message = format(...said);
      if (!message.startsWith(SAID_BY_BIND)) log.error({ part: 'grpc' }, message);
    },
    info,
    debug: info,
  });
}
