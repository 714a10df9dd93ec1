/** What the controllers are given. */
import type { Arrivals } from '../arrivals.js';
import type { ConnectionLimit } from '../connections/connection-limit.js';
import type { Edge } from '../edge.js';
import type { Readiness } from '../readiness.js';

export const HTTP_PARTS = Symbol('http parts');

export interface HttpParts {
  readonly edge: Edge;
  readonly readiness: Readiness;
  readonly connections: ConnectionLimit;
  readonly arrivals: Pick<Arrivals, 'next'>;
  /** Metrics of all processes as Prometheus text. */
  readonly scrape: () => Promise<string>;
  /** Monotonic, milliseconds. */
  readonly now: () => number;
  /** Epoch milliseconds. */
  readonly wallMs: () => number;
}
