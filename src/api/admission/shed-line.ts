/**
 * Requests that are answered without work: as many as fit into a turn of the event loop, clients in turn. Whose budget is over by
 * then is refused, as long as that was no small one.
 */
import { FLOOR_MS } from '../../recommend/budget.js';
import type { Shed } from '../../recommend/types.js';
import { overloaded } from './overloaded.js';
import type { ReadyAnswers } from './ready-answers.js';
import { WaitingQueue } from './waiting-queue.js';
import type { AdmissionParts, Entry, ShedCause, Work } from './work.js';

/** Requests in it at most; more are refused. */
const SHED_MAX = 256;
/** Of a turn, for answers without work. */
const SHED_MS_MAX = 8;
/** Nobody is refused before, however small the budget: a burst may take a turn or two. */
const REFUSED_AFTER_MS = 20;

interface ShedEntry<T> extends Entry<T> {
  readonly cause: ShedCause;
  /** In which it came. */
  readonly turn: number;
}

export class ShedLine<T> {
  private readonly line = new WaitingQueue<ShedEntry<T>>(SHED_MAX);
  private turns = 0;

  constructor(
    private readonly parts: Pick<AdmissionParts, 'nowMs' | 'random' | 'observer'>,
    private readonly ready: ReadyAnswers,
  ) {}

  get length(): number {
    return this.line.length;
  }

  add(entry: Entry<T>, cause: ShedCause): void {
    const pushedOut = this.line.add({ ...entry, cause, turn: this.turns });
    if (pushedOut !== undefined) this.refuse(pushedOut);
  }

  /** @returns whether some are left for the next turn */
  async answer(): Promise<boolean> {
    const untilMs = this.parts.nowMs() + SHED_MS_MAX;
    for (let entry = this.next(); entry !== undefined; entry = this.next()) {
      const { client, work, cause, turn } = entry;
      const nowMs = this.parts.nowMs();
      const wasLeft = turn < this.turns;
      const refusedFromMs = Math.max(work.deadlineMs, work.arrival.receivedAtMs + REFUSED_AFTER_MS);
      if (wasLeft && nowMs > refusedFromMs && cause !== 'budget-below-floor') {
        this.refuse(entry);
      } else {
        this.parts.observer.shed(client, cause);
        void this.run(entry);
        await this.ready.settle();
      }
      if (nowMs > untilMs) break;
    }
    this.turns++;
    await this.ready.handOut();
    return this.line.length > 0;
  }

  private next(): ShedEntry<T> | undefined {
    return this.line.take(
      () => false,
      () => true,
    );
  }

  private async run({ work, resolve, reject, cause }: ShedEntry<T>): Promise<void> {
    try {
      const answer = await work.run({ shed: this.reasonOf(work, cause) });
      this.ready.add(() => {
        resolve(answer);
      });
    } catch (error) {
      reject(error);
    }
  }

  private reasonOf({ arrival }: Work<T>, cause: ShedCause): Shed {
    if (cause === 'budget-below-floor') {
      return { cause: 'timeout', detail: `less than ${FLOOR_MS} ms were left on arrival` };
    }
    const waitedMs = this.parts.nowMs() - arrival.cameAtMs;
    return { cause: 'overload', detail: `${cause} after ${waitedMs.toFixed(1)} ms` };
  }

  private refuse({ client, reject }: Entry<T>): void {
    this.parts.observer.refused(client);
    reject(overloaded(this.parts.random));
  }
}
