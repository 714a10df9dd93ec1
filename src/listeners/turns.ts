/** One thing at a time for each key, in the order asked, bounded. */

export class TurnsFullError extends Error {
  override readonly name = 'TurnsFullError';
}

export class Turns {
  private readonly last = new Map<string, { readonly done: Promise<unknown>; readonly waiting: number }>();
  private total = 0;

  constructor(private readonly limits: { readonly perKey: number; readonly total: number }) {}

  /**
   * Runs `work` when all that was asked before for the key has ended, however it ended.
   * @throws TurnsFullError when too many wait for the key, or in all
   */
  async take<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.last.get(key);
    const waiting = (before?.waiting ?? 0) + 1;
    if (waiting > this.limits.perKey) throw new TurnsFullError(`${waiting - 1} wait for one listener`);
    if (this.total >= this.limits.total) throw new TurnsFullError(`${this.total} wait`);
    this.total++;
    const result = before === undefined ? work() : before.done.then(work);
    const done = result
      .catch(() => undefined)
      .finally(() => {
        this.total--;
        const current = this.last.get(key);
        if (current?.done === done) this.last.delete(key);
        else if (current !== undefined) this.last.set(key, { done: current.done, waiting: current.waiting - 1 });
      });
    this.last.set(key, { done, waiting });
    return result;
  }
}
