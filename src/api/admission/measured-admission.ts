/** Admission with its metrics and its lines in the log. */
import type { Meter } from '@opentelemetry/api';
import type { Log } from '../../log.js';
import { loopUtilization } from '../../telemetry/loop-utilization.js';
import type { RequestMetrics } from '../../telemetry/request-metrics.js';
import type { Client } from '../clients.js';
import { Admission } from './admission.js';
import { AdmissionMetrics, type RefusalCause } from './admission-metrics.js';
import { LoopShares } from './loop-shares.js';
import { OverloadLog } from './overload-log.js';
import { Pieces } from './pieces.js';

export interface MeasuredAdmission<T> {
  readonly admission: Admission<T>;
  /** Of the event loop outside of it. */
  readonly shares: LoopShares;
  readonly pieces: Pieces;
  /** To be told of requests that were refused before they came to admission. */
  readonly onRefused: (client: Client, cause: RefusalCause) => void;
}

export function measuredAdmission<T>(parts: {
  readonly meter: Meter;
  readonly requests: RequestMetrics;
  readonly log: Log;
  /** Monotonic, milliseconds. */
  readonly nowMs: () => number;
  readonly random: () => number;
}): MeasuredAdmission<T> {
  const metrics = new AdmissionMetrics(parts.meter, parts.requests);
  const log = new OverloadLog(parts.log, () => ({
    limit: admission.concurrencyLimit,
    underWay: admission.requestsUnderWay,
    waiting: admission.queue.length,
  }));
  const onRefused = (client: Client, cause: RefusalCause): void => {
    metrics.refused(client, cause);
    log.note(cause);
  };
  const admission: Admission<T> = new Admission<T>({
    nowMs: parts.nowMs,
    random: parts.random,
    utilization: loopUtilization(),
    observer: {
      started: (client, waitedMs) => {
        metrics.started(client, waitedMs);
      },
      shed: (client, cause) => {
        metrics.shed(client, cause);
        log.note(cause);
      },
      refused: (client) => {
        onRefused(client, 'overload');
      },
    },
  });
  metrics.watch(admission);
  const shares = new LoopShares({ nowMs: parts.nowMs, utilization: loopUtilization() });
  metrics.watchLoop(shares);
  const pieces = new Pieces({
    nowMs: parts.nowMs,
    random: parts.random,
    shares,
    onRefused: (client) => {
      onRefused(client, 'pieces-pushed-out');
    },
  });
  return { admission, shares, pieces, onRefused };
}
