/** Who may call is known as soon as the headers are here: of anybody else no byte of a message is kept. */
import type { ServerHttp2Stream } from 'node:http2';
import { Duplex } from 'node:stream';
import { Metadata, ServerInterceptingCall, type ServerInterceptor } from '@grpc/grpc-js';
import type { Arrivals } from '../arrivals.js';
import type { Client } from '../clients.js';
import type { Edge } from '../edge.js';
import { headerOf } from './header-of.js';
import { refuseCall, type OpenCalls } from './open-calls.js';

/** An orchestrator has no key. */
const KEYLESS_PREFIX = '/grpc.health.v1.Health/';

/** On the headers of a call, which its method is given too. */
const ENTRY = Symbol('entry');

/** A call that the guard let in. */
export interface Entry {
  /** Whose it is. */
  readonly client: Client;
  /** For how long its headers may have waited to be read. */
  readonly unreadMs: number;
}

interface Entered extends Metadata {
  [ENTRY]?: Entry;
}

export function entryOf(metadata: Entered): Entry {
  const entry = metadata[ENTRY];
  if (entry === undefined) throw new TypeError('a call that nobody let in');
  return entry;
}

export interface GuardClock {
  readonly arrivals: Pick<Arrivals, 'earliestMs'>;
  /** Monotonic, milliseconds. */
  readonly now: () => number;
}

interface Arrived {
  readonly stream: ServerHttp2Stream;
  readonly metadata: Entered;
}

/** grpc-js shows interceptors the headers only together with wrappers of all that follows, and the stream not at all. */
function isArrived(call: object): call is Arrived {
  return 'stream' in call && call.stream instanceof Duplex && 'metadata' in call && call.metadata instanceof Metadata;
}

export function guardCalls(edge: Edge, openCalls: OpenCalls, clock: GuardClock): ServerInterceptor {
  return (method, call) => {
    if (!isArrived(call)) throw new TypeError('not a call of this version of grpc-js');
    const { stream, metadata } = call;
    try {
      const isKeyless = method.path.startsWith(KEYLESS_PREFIX);
      if (!isKeyless) {
        const unreadMs = clock.now() - clock.arrivals.earliestMs();
        metadata[ENTRY] = { client: edge.enter(headerOf(metadata, 'authorization')), unreadMs };
      }
      openCalls.opened({ call, stream, method, isKeyless });
    } catch (error) {
      refuseCall({ call, stream }, error, edge);
    }
    return new ServerInterceptingCall(call);
  };
}
