/** Requests at a fixed rate, whatever becomes of those before: request i is meant to leave `i / rate` after the start. */

export class Schedule {
  /** Requests whose time has come. */
  due = 0;
  total: number;

  constructor(
    private readonly ratePerSecond: number,
    seconds: number,
  ) {
    this.total = Math.max(1, Math.round(ratePerSecond * seconds));
  }

  /** No request after those that are due. */
  end(): void {
    this.total = this.due;
  }

  /** Milliseconds after the start at which a request is meant to leave. */
  meantMs(request: number): number {
    return (request * 1000) / this.ratePerSecond;
  }

  /** Moves `due` on. @param elapsedMs since the start */
  advance(elapsedMs: number): void {
    const reached = Math.floor((elapsedMs * this.ratePerSecond) / 1000) + 1;
    this.due = Math.min(this.total, Math.max(this.due, reached));
  }
}
