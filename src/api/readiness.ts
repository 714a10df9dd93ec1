/** What must be up before this process may serve, and whether it still may. */

export const READY_PARTS = ['store', 'world', 'ranker', 'warm'] as const;

export class Readiness {
  private readonly waiting = new Set<string>();
  private readonly listeners: ((ready: boolean) => void)[] = [];
  private draining = false;

  /** @param parts names that are told to clients, as `world` */
  constructor(parts: readonly string[]) {
    for (const part of parts) this.waiting.add(part);
  }

  /** What is not ready yet; `draining` once this process is going. */
  get missing(): readonly string[] {
    return this.draining ? ['draining', ...this.waiting] : [...this.waiting];
  }

  get isDraining(): boolean {
    return this.draining;
  }

  get isReady(): boolean {
    return !this.draining && this.waiting.size === 0;
  }

  set(part: string, ready: boolean): void {
    if (ready) this.waiting.delete(part);
    else this.waiting.add(part);
    this.tell();
  }

  /** From here on never ready again. */
  drain(): void {
    this.draining = true;
    this.tell();
  }

  /** Calls back now and at every change. */
  watch(listener: (ready: boolean) => void): void {
    this.listeners.push(listener);
    listener(this.isReady);
  }

  private tell(): void {
    for (const listener of this.listeners) listener(this.isReady);
  }
}
