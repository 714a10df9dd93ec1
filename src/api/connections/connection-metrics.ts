/** Connections that were closed, as a counter and as a line of the log for each period, however many they were. */
import type { Meter } from '@opentelemetry/api';
import type { Log } from '../../log.js';
import type { Transport } from '../../telemetry/instruments.js';
import type { ClosedCause, ConnectionObserver } from './connection-limit.js';

const PERIOD_MS = 10_000;

export class ConnectionMetrics implements ConnectionObserver {
  private readonly openNow = new Map<Transport, () => number>();
  private readonly count: (transport: Transport, cause: ClosedCause) => void;
  /** Since the last line. */
  private untold: Record<string, number> = {};
  private timer: NodeJS.Timeout | undefined;

  constructor(
    meter: Meter,
    private readonly log: Pick<Log, 'warn'>,
  ) {
    const closed = meter.createCounter('segue.connections.closed', {
      description:
        'Connections closed to make room, for silence, for more unanswered requests than may be, or for a process with less to do.',
    });
    this.count = (transport, cause) => {
      closed.add(1, { transport, cause });
    };
    meter
      .createObservableGauge('segue.connections.open', { description: 'Connections that are open.' })
      .addCallback((result) => {
        for (const [transport, open] of this.openNow) result.observe(open(), { transport });
      });
  }

  watch(transport: Transport, open: () => number): void {
    this.openNow.set(transport, open);
  }

  closed(transport: Transport, cause: ClosedCause): void {
    this.count(transport, cause);
    const what = `${transport} ${cause}`;
    this.untold[what] = (this.untold[what] ?? 0) + 1;
    if (this.timer === undefined) this.tell();
  }

  private tell(): void {
    const open = Object.fromEntries([...this.openNow].map(([transport, read]) => [transport, read()]));
    this.log.warn({ closed: this.untold, open }, 'connections were closed');
    this.untold = {};
    this.timer = setTimeout(() => {
      this.timer = undefined;
      if (Object.keys(this.untold).length > 0) this.tell();
    }, PERIOD_MS).unref();
  }
}
