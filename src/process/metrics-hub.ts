/** The primary's side of `/metrics`: asks every process, and makes one text of their answers. */
import { expositionOf } from '../telemetry/exposition.js';
import { labelled, mergeSnapshots, withoutGauges } from '../telemetry/merge.js';
import type { Snapshot } from '../telemetry/snapshot.js';
import type { ToProcess } from './messages.js';

/** A process that does not answer in this time is reported as missing. */
const COLLECT_TIMEOUT_MS = 1000;

/** Id of an answer that no scrape waits for. */
export const UNASKED = 0;

interface Collection {
  readonly id: number;
  readonly waiting: Set<number>;
  readonly finish: () => void;
}

export class MetricsHub {
  private readonly last = new Map<number, Snapshot>();
  /** Counted by processes that are gone: a sum over processes must not fall. */
  private retired: Snapshot = [];
  private running: Promise<string> | undefined;
  private collection: Collection | undefined;
  private ids = 0;

  /**
   * @param processes live slots, and how to reach them
   * @param own metrics of the primary
   */
  constructor(
    private readonly processes: () => ReadonlyMap<number, (message: ToProcess) => void>,
    private readonly own: () => Snapshot,
    private readonly timeoutMs = COLLECT_TIMEOUT_MS,
  ) {}

  /** Scrapes at the same time share one collection. */
  scrape(): Promise<string> {
    this.running ??= this.collect().finally(() => {
      this.running = undefined;
    });
    return this.running;
  }

  received(slot: number, id: number, snapshot: Snapshot): void {
    this.last.set(slot, snapshot);
    const { collection } = this;
    if (collection?.id === id && collection.waiting.delete(slot) && collection.waiting.size === 0) collection.finish();
  }

  gone(slot: number): void {
    const snapshot = this.last.get(slot);
    this.last.delete(slot);
    if (snapshot !== undefined) this.retired = mergeSnapshots([this.retired, withoutGauges(snapshot)]);
    const { collection } = this;
    if (collection?.waiting.delete(slot) === true && collection.waiting.size === 0) collection.finish();
  }

  private async collect(): Promise<string> {
    const processes = this.processes();
    const waiting = new Set(processes.keys());
    const id = ++this.ids;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, this.timeoutMs);
      const finish = (): void => {
        clearTimeout(timer);
        resolve();
      };
      this.collection = { id, waiting, finish };
      for (const send of processes.values()) send({ segue: 'collect', id });
      if (waiting.size === 0) finish();
    });
    this.collection = undefined;
    const late = [...waiting];
    const snapshots = [...this.last].map(([slot, snapshot]) => labelled(snapshot, String(slot)));
    return expositionOf(mergeSnapshots([this.retired, ...snapshots, missing(late), this.own()]));
  }
}

function missing(slots: readonly number[]): Snapshot {
  const points = slots.map((slot) => ({ labels: { process: String(slot) }, value: 1 }));
  const description = 'Processes whose metrics did not arrive in time; their last known ones are used.';
  return [{ name: 'segue.process.missing', description, unit: '', kind: 'gauge', points }];
}
