/** What admission did, as metrics. Names of clients are bounded by the configuration, so they may be labels. */
import type { Meter } from '@opentelemetry/api';
import { CLIENT_CLASSES, type ClientClass } from '../../config/client-limits.js';
import {
  madeOnce,
  type CounterSeries,
  type HistogramSeries,
  type RequestMetrics,
} from '../../telemetry/request-metrics.js';
import type { Client } from '../clients.js';
import type { Admission } from './admission.js';
import type { LoopShares } from './loop-shares.js';
import type { AdmissionObserver, ShedCause } from './work.js';

/** Why a request was not answered at all. */
export type RefusalCause = 'overload' | 'over-fair-share' | 'pieces-pushed-out' | 'rate-limited' | 'deadline-passed';

/** Seconds. */
const WAIT_BOUNDARIES = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.0075, 0.01, 0.015, 0.025, 0.05, 0.1];

export class AdmissionMetrics implements AdmissionObserver {
  private readonly waits: (clientClass: ClientClass) => HistogramSeries;
  private readonly sheds: (client: Client) => (cause: ShedCause) => CounterSeries;
  private readonly refusals: (client: Client) => (cause: RefusalCause) => CounterSeries;

  constructor(
    private readonly meter: Meter,
    requests: RequestMetrics,
  ) {
    const waits = requests.histogram(
      { name: 'segue.admission.wait', description: 'Time that requests waited for their turn.', unit: 's' },
      WAIT_BOUNDARIES,
    );
    const sheds = requests.counter({
      name: 'segue.admission.shed',
      description: 'Requests answered with what is popular, without work, because there was no time for it.',
    });
    const refusals = requests.counter({
      name: 'segue.admission.refused',
      description:
        'Requests refused for their rate, for overload, for their share of the event loop or for a deadline that had passed.',
    });
    this.waits = madeOnce((clientClass) => waits({ class: clientClass }));
    this.sheds = madeOnce((client) => madeOnce((cause) => sheds({ client: client.name, class: client.class, cause })));
    this.refusals = madeOnce((client) =>
      madeOnce((cause) => refusals({ client: client.name, class: client.class, cause })),
    );
  }

  started(client: Client, waitedMs: number): void {
    this.waits(client.class).record(Math.max(0, waitedMs) / 1000);
  }

  shed(client: Client, cause: ShedCause): void {
    this.sheds(client)(cause).add(1);
  }

  refused(client: Client, cause: RefusalCause = 'overload'): void {
    this.refusals(client)(cause).add(1);
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
}
