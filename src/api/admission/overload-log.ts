/** Lines about overload: one when it begins, then one for each period while it lasts, however many requests it met. */
import type { Log } from '../../log.js';

const PERIOD_MS = 10_000;

/** What happened, by what it was. */
export type Counts = Readonly<Record<string, number>>;

export class OverloadLog {
  private counts: Record<string, number> = {};
  private timer: NodeJS.Timeout | undefined;

  /** @param state what else a line carries */
  constructor(
    private readonly log: Pick<Log, 'warn' | 'info'>,
    private readonly state: () => object,
  ) {}

  /** A request was shed or refused. */
  note(what: string): void {
    this.counts[what] = (this.counts[what] ?? 0) + 1;
    if (this.timer !== undefined) return;
    this.log.warn({ requests: this.take(), ...this.state() }, 'not all requests can be served as asked');
    this.timer = setTimeout(() => {
      this.tell();
    }, PERIOD_MS).unref();
  }

  private tell(): void {
    this.timer = undefined;
    const requests = this.take();
    if (Object.keys(requests).length === 0) {
      this.log.info(this.state(), 'all requests are served as asked again');
      return;
    }
    this.log.warn({ requests, periodMs: PERIOD_MS, ...this.state() }, 'not all requests could be served as asked');
    this.timer = setTimeout(() => {
      this.tell();
    }, PERIOD_MS).unref();
  }

  private take(): Counts {
    const { counts } = this;
    this.counts = {};
    return counts;
  }
}
