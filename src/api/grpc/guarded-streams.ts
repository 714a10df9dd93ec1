/** Streams of a library's service that only clients with a key may open. */
import { EventEmitter } from 'node:events';
import { Metadata, type UntypedHandleCall, type UntypedServiceImplementation } from '@grpc/grpc-js';
import { SegueError, STATUS_OF } from '../../errors.js';
import type { Clients } from '../clients.js';
import { headerOf } from './method.js';

function guarded(handler: UntypedHandleCall, clients: Clients): UntypedHandleCall {
  return new Proxy(handler, {
    apply(target, self: unknown, args: unknown[]): unknown {
      const [call] = args;
      if (!(call instanceof EventEmitter && 'metadata' in call && call.metadata instanceof Metadata)) {
        throw new TypeError('not a call of grpc-js');
      }
      try {
        clients.identify(headerOf(call.metadata, 'authorization'));
      } catch (error) {
        if (!(error instanceof SegueError)) throw error;
        call.emit('error', { code: STATUS_OF[error.code].grpc, details: error.message });
        return undefined;
      }
      return Reflect.apply(target, self, args);
    },
  });
}

export function guardedStreams(service: UntypedServiceImplementation, clients: Clients): UntypedServiceImplementation {
  return Object.fromEntries(Object.entries(service).map(([name, handler]) => [name, guarded(handler, clients)]));
}
