/** What admission did, as metrics. Names of clients are bounded by the configuration, so they may be labels. */
import type { Attributes, Counter, Histogram, Meter } from '@opentelemetry/api';
import { CLIENT_CLASSES } from '../../config/client-limits.js';
import type { Client } from '../clients.js';
import type { Admission } from './admission.js';
import type { LoopShares } from './loop-shares.js';
import type { AdmissionObserver, ShedCause } from './work.js';

/** Why a request was not answered at all. */
export type RefusalCause = 'overload' | 'over-fair-share' | 'pieces-pushed-out' | 'rate-limited' | 'deadline-passed';

/** Seconds. */
const WAIT_BOUNDARIES = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.0075, 0.01, 0.015, 0.025, 0.05, 0.1];

export class AdmissionMetrics implements AdmissionObserver {
  private readonly waits: Histogram;
  private readonly sheds: Counter;
  private readonly refusals: Counter;
  /** Made once for each client and cause. */
  private readonly labels = new Map<Client, Map<string, Attributes>>();

  constructor(private readonly meter: Meter) {
    this.waits = meter.createHistogram('segue.admission.wait', {
      description: 'Time that requests waited for their turn.',
      unit: 's',
      advice: { explicitBucketBoundaries: WAIT_BOUNDARIES },
    });
    this.sheds = meter.createCounter('segue.admission.shed', {
      description: 'Requests answered with what is popular, without work, because there was no time for it.',
    });
    this.refusals = meter.createCounter('segue.admission.refused', {
      description:
        'Requests refused for their rate, for overload, for their share of the event loop or for a deadline that had passed.',
    });
  }

  started(client: Client, waitedMs: number): void {
    this.waits.record(Math.max(0, waitedMs) / 1000, this.labelsOf(client, ''));
  }

  shed(client: Client, cause: ShedCause): void {
    this.sheds.add(1, this.labelsOf(client, cause));
  }

  refused(client: Client, cause: RefusalCause = 'overload'): void {
    this.refusals.add(1, this.labelsOf(client, cause));
  }

  /** Shows what is under way, what may be, and what waits. */
  watch(admission: Pick<Admission<unknown>, 'concurrencyLimit' | 'requestsUnderWay' | 'queue' | 'widthShares'>): void {
    const gauge = (name: string, description: string, read: () => number): void => {
      this.meter.createObservableGauge(name, { description }).addCallback((result) => {
        result.observe(read());
      });
    };
    gauge('segue.admission.limit', 'Requests that may be under way at once, as found so far.', () => {
      return admission.concurrencyLimit;
    });
    gauge('segue.admission.under_way', 'Requests under way.', () => admission.requestsUnderWay);
    this.meter
      .createObservableGauge('segue.admission.width_share', {
        description: 'Share of the rank width that requests get, cut while more ask than can be ranked at full width.',
      })
      .addCallback((result) => {
        for (const [client, share] of admission.widthShares()) {
          result.observe(share, { client: client.name, class: client.class });
        }
      });
    this.meter
      .createObservableGauge('segue.admission.waiting', { description: 'Requests that wait for their turn.' })
      .addCallback((result) => {
        for (const name of CLIENT_CLASSES) result.observe(admission.queue.lengthOf(name), { class: name });
      });
  }

  /** Shows who takes how much of the event loop. */
  watchLoop(shares: Pick<LoopShares, 'shares'>): void {
    this.meter
      .createObservableGauge('segue.admission.loop_share', {
        description: 'Share of the event loop that clients take outside of admission: parsing, recording, encoding.',
      })
      .addCallback((result) => {
        for (const [client, share] of shares.shares()) {
          result.observe(share, { client: client.name, class: client.class });
        }
      });
  }

  private labelsOf(client: Client, cause: string): Attributes {
    let ofClient = this.labels.get(client);
    if (ofClient === undefined) {
      ofClient = new Map();
      this.labels.set(client, ofClient);
    }
    let labels = ofClient.get(cause);
    if (labels === undefined) {
      labels = cause === '' ? { class: client.class } : { client: client.name, class: client.class, cause };
      ofClient.set(cause, labels);
    }
    return labels;
  }
}
