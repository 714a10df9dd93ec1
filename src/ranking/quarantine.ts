/** Models that got ranking workers stuck: nothing opens them again while the service runs. */

export interface Quarantined {
  /** Of `model.onnx`: a changed file is another model. */
  readonly sha256: string;
  readonly reason: string;
}

/** Far more than are ever published while one service runs. */
const MODELS_MAX = 64;

/** The latest so many; the one that came first goes first. */
export class Quarantine {
  private readonly reasons = new Map<string, string>();

  constructor(models: readonly Quarantined[] = []) {
    for (const model of models) this.add(model);
  }

  /** False when it is there already. */
  add({ sha256, reason }: Quarantined): boolean {
    if (this.reasons.has(sha256)) return false;
    for (const first of this.reasons.keys()) {
      if (this.reasons.size < MODELS_MAX) break;
      this.reasons.delete(first);
    }
    this.reasons.set(sha256, reason);
    return true;
  }

  /** Why the model is here; undefined when it is not. */
  reasonFor(sha256: string): string | undefined {
    return this.reasons.get(sha256);
  }

  list(): Quarantined[] {
    return [...this.reasons].map(([sha256, reason]) => ({ sha256, reason }));
  }
}
