/**
 * Decides which requests run now, which wait, and which are answered without work.
 *
 * On arrival a request is only queued. Once a turn of the event loop, after all that arrived was read, as many as the concurrency
 * limit allows are started, for a few milliseconds at most, so that new arrivals are seen soon: what waits in a socket is known to
 * nobody. Whoever was pushed out, or could not be ranked in time any more, is answered at once with what is popular; those for
 * whom even that takes too long are refused. Answers are handed out together, first thing in the next turn.
 */
import { SegueError } from '../../errors.js';
import { FLOOR_MS, RecentP95 } from '../../recommend/budget.js';
import type { Cuts } from '../../recommend/types.js';
import type { Client } from '../clients.js';
import { ConcurrencyLimit } from './concurrency-limit.js';
import { ReadyAnswers } from './ready-answers.js';
import { ShedLine } from './shed-line.js';
import { Standing } from './standing.js';
import { WaitingQueue } from './waiting-queue.js';
import type { AdmissionParts, Entry, ShedCause, Work } from './work.js';

/** Requests that wait at most: about what a process can rank within a budget of 50 ms. */
export const WAITING_MAX = 128;
/** Share of its budget that a request of an overloaded client may wait; of others it may for as long as it can still be ranked. */
const OVERLOADED_WAIT_SHARE = 0.15;
/** A turn may take as long as that with nothing else to do, and is no overload. */
const OVERLOADED_WAIT_MS_MIN = 1;
/** Share of its budget that a request may be expected to wait when it comes to a backlog. */
const EXPECTED_WAIT_SHARE = 0.5;
/** Of a turn of the event loop, for starting requests; less for those of an overloaded client, as turns then have to be short. */
const START_MS_MAX = 4;
const START_MS_MAX_OVERLOADED = 2;
/** Kept back for an answer without work, with the turn of the event loop that comes before it, and for each that may come before it. */
const SHED_RESERVE_MS = 8;
const SHED_RESERVE_MS_EACH = 0.15;
/** While requests wait for others to finish, so often it is looked whose time is over. */
const LOOK_EVERY_MS = 2;
/** Before any request was measured. */
const NEEDED_MS_INITIAL = 1;

/** What a budget may lose on its way through times of day. */
const ROUNDING_MS = 1e-6;

const UNCUT: Cuts = {};

export interface Shedding {
  readonly requests: number;
  /** Of those, or of some before, so many that no time was left to rank. */
  readonly shed: number;
}

export class Admission<T> {
  private readonly limit: ConcurrencyLimit;
  private readonly waiting = new WaitingQueue<Entry<T>>(WAITING_MAX);
  /** They come first: while some are left, no request of an overloaded client is started. */
  private readonly toShed: ShedLine<T>;
  private readonly neededMs = new RecentP95(NEEDED_MS_INITIAL);
  /** Bounded by the configuration. */
  private readonly standings = new Map<Client, Standing>();
  private readonly ready: ReadyAnswers;
  private requests = 0;
  private shed = 0;
  private turn: NodeJS.Immediate | undefined;
  private look: NodeJS.Timeout | undefined;

  constructor(private readonly parts: AdmissionParts) {
    this.limit = new ConcurrencyLimit(parts);
    this.ready = new ReadyAnswers(parts.nowMs, () => {
      this.turnSoon();
    });
    this.toShed = new ShedLine(parts, this.ready);
  }

  get concurrencyLimit(): number {
    return this.limit.current;
  }

  get requestsUnderWay(): number {
    return this.limit.requestsUnderWay;
  }

  /** By client, 0 to 1. */
  *widthShares(): Generator<[Client, number]> {
    const nowMs = this.parts.nowMs();
    for (const [client, standing] of this.standings) yield [client, standing.widthShare(nowMs)];
  }

  get queue(): Pick<WaitingQueue<Entry<T>>, 'length' | 'lengthOf'> {
    return this.waiting;
  }

  /** Since the last call. */
  takeShedding(): Shedding {
    const { requests, shed } = this;
    this.requests = 0;
    this.shed = 0;
    return { requests, shed };
  }

  /**
   * Settles as the work does.
   *
   * @throws SegueError `SEGUE_OVERLOADED` where not even an answer without work is possible
   */
  admit(work: Work<T>): Promise<T> {
    this.requests++;
    return new Promise<T>((resolve, reject) => {
      const entry = { client: work.client, work, resolve, reject };
      if (work.deadlineMs - work.arrival.receivedAtMs < FLOOR_MS - ROUNDING_MS) {
        this.toShed.add(entry, 'budget-below-floor');
      } else {
        if (this.waiting.lengthFor(work.client) === 0) this.standingOf(work.client).backlogEnded();
        const pushedOut = this.waiting.add(entry);
        if (pushedOut !== undefined) this.overloaded(pushedOut, 'pushed-out', this.parts.nowMs());
      }
      this.turnSoon();
    });
  }

  private overloaded(entry: Entry<T>, cause: ShedCause, nowMs: number): void {
    this.standingOf(entry.client).missed(nowMs);
    this.setAside(entry, cause);
  }

  private setAside(entry: Entry<T>, cause: ShedCause): void {
    this.shed++;
    this.toShed.add(entry, cause);
  }

  private turnSoon(): void {
    this.turn ??= setImmediate(() => {
      this.turn = undefined;
      void this.takeTurn();
    });
  }

  private async takeTurn(): Promise<void> {
    await this.ready.handOut();
    this.setAsideLate();
    const areLeft = await this.toShed.answer();
    const isCutShort = await this.startWaiting(areLeft);
    if (areLeft || isCutShort) {
      this.turnSoon();
    } else if (this.waiting.length > 0) {
      this.look ??= setTimeout(() => {
        this.look = undefined;
        this.turnSoon();
      }, LOOK_EVERY_MS).unref();
    }
  }

  /** Whoever waited too long is answered without work; whoever went away not at all. */
  private setAsideLate(): void {
    const nowMs = this.parts.nowMs();
    const before = this.toShed.length + this.waiting.length;
    const neededMs = Math.max(this.neededMs.ms, SHED_RESERVE_MS + before * SHED_RESERVE_MS_EACH);
    const late = this.waiting.takeWhere(({ client, work: { arrival, deadlineMs, signal } }) => {
      const budgetMs = deadlineMs - arrival.receivedAtMs;
      // Half of the budget is the request's own whatever others needed, or one slow moment would shed all that come after it.
      const waitMsMax = Math.min(
        budgetMs - Math.min(neededMs, budgetMs / 2),
        this.isOverloaded(client, nowMs)
          ? Math.max(OVERLOADED_WAIT_MS_MIN, budgetMs * OVERLOADED_WAIT_SHARE)
          : Infinity,
      );
      return signal.aborted || nowMs - arrival.cameAtMs > waitMsMax;
    });
    for (const entry of late) {
      if (entry.work.signal.aborted) entry.reject(clientGone());
      else this.overloaded(entry, 'waited-too-long', nowMs);
    }
    this.setAsideHopeless(nowMs);
  }

  /**
   * Whoever came to a backlog and would wait too long, at the pace at which its client's requests are started, is answered without
   * work now, while there is time for that. A burst that came at once is no such backlog.
   */
  private setAsideHopeless(nowMs: number): void {
    const hopeless = this.waiting.takeWhere(({ client, work: { arrival, deadlineMs } }, before) => {
      const standing = this.standingOf(client);
      if (arrival.receivedAtMs <= standing.backlogSinceMs || standing.isOverloaded(nowMs)) return false;
      const waitMs = nowMs - arrival.cameAtMs + before * standing.paceMs(nowMs);
      return waitMs > (deadlineMs - arrival.receivedAtMs) * EXPECTED_WAIT_SHARE;
    });
    for (const entry of hopeless) {
      this.standingOf(entry.client).willMiss(nowMs);
      this.setAside(entry, 'would-wait-too-long');
    }
  }

  private isOverloaded(client: Client, nowMs: number): boolean {
    return this.standingOf(client).isOverloaded(nowMs);
  }

  private standingOf(client: Client): Standing {
    let standing = this.standings.get(client);
    if (standing === undefined) {
      standing = new Standing();
      this.standings.set(client, standing);
    }
    return standing;
  }

  /**
   * @param isBusy whether others wait for an answer without work: then only for a moment, and no overloaded client's
   * @returns whether more could be started, had the time for it not been over.
   */
  private async startWaiting(isBusy: boolean): Promise<boolean> {
    const beganMs = this.parts.nowMs();
    while (this.waiting.length > 0) {
      if (this.limit.requestsUnderWay >= this.limit.current) {
        this.limit.reached();
        return false;
      }
      const entry = this.waiting.take(
        (client) => this.isOverloaded(client, beganMs),
        (client) => this.mayRun(client) && !(isBusy && this.isOverloaded(client, beganMs)),
      );
      if (entry === undefined) return false;
      void this.run(entry);
      await this.ready.settle();
      const msMax = isBusy || this.isOverloaded(entry.client, beganMs) ? START_MS_MAX_OVERLOADED : START_MS_MAX;
      if (this.parts.nowMs() > beganMs + msMax) return true;
    }
    return false;
  }

  private mayRun(client: Client): boolean {
    if (client.concurrencyShare === 1) return true;
    const most = Math.max(1, Math.floor(client.concurrencyShare * this.limit.current));
    return this.standingOf(client).underWay < most;
  }

  private async run({ client, work, resolve, reject }: Entry<T>): Promise<void> {
    const started = this.limit.start();
    const standing = this.standingOf(client);
    standing.underWay++;
    const widthShare = standing.widthShare(started.atMs);
    standing.started(started.atMs, this.waiting.lengthFor(client) > 0);
    this.parts.observer.started(client, started.atMs - work.arrival.cameAtMs);
    try {
      const answer = await work.run(widthShare < 1 ? { widthShare } : UNCUT);
      this.ready.add(() => {
        resolve(answer);
      });
      if (work.signal.aborted) {
        this.limit.end();
      } else {
        const gaveUp = work.gaveUp(answer);
        const ms = this.limit.answered(started, gaveUp);
        if (!gaveUp) this.neededMs.add(ms);
      }
    } catch (error) {
      this.limit.end();
      reject(error);
    } finally {
      standing.underWay--;
      if (this.waiting.length > 0) this.turnSoon();
    }
  }
}

/** For the log and the counters alone: nobody is there to read it. */
function clientGone(): SegueError {
  return new SegueError('SEGUE_DEADLINE_EXCEEDED', 'the client went away while the request waited');
}
