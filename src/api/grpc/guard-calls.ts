/** Who may call is known as soon as the headers are here: of anybody else no byte of a message is kept. */
import type { ServerHttp2Stream } from 'node:http2';
import { Duplex } from 'node:stream';
import { Metadata, ServerInterceptingCall, type ServerInterceptor } from '@grpc/grpc-js';
import type { Client } from '../clients.js';
import type { Edge } from '../edge.js';
import { headerOf } from './header-of.js';
import { refuseCall, type OpenCalls } from './open-calls.js';

/** An orchestrator has no key. */
const KEYLESS_PREFIX = '/grpc.health.v1.Health/';

/** On the headers of a call, which its method is given too. */
const CALLER = Symbol('caller');

interface Entered extends Metadata {
  [CALLER]?: Client;
}

/** Whose call it is that the guard let in. */
export function callerOf(metadata: Entered): Client {
  const client = metadata[CALLER];
  if (client === undefined) throw new TypeError('a call that nobody let in');
  return client;
}

interface Arrived {
  readonly stream: ServerHttp2Stream;
  readonly metadata: Entered;
}

/** grpc-js shows interceptors the headers only together with wrappers of all that follows, and the stream not at all. */
function isArrived(call: object): call is Arrived {
  return 'stream' in call && call.stream instanceof Duplex && 'metadata' in call && call.metadata instanceof Metadata;
}

export function guardCalls(edge: Edge, openCalls: OpenCalls): ServerInterceptor {
  return (method, call) => {
    if (!isArrived(call)) throw new TypeError('not a call of this version of grpc-js');
    const { stream, metadata } = call;
    try {
      const isKeyless = method.path.startsWith(KEYLESS_PREFIX);
      if (!isKeyless) metadata[CALLER] = edge.enter(headerOf(metadata, 'authorization'));
      openCalls.opened({ call, stream, method, isKeyless });
    } catch (error) {
      refuseCall({ call, stream }, error, edge);
    }
    return new ServerInterceptingCall(call);
  };
}
