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
import type { Cuts, Shed } from '../../recommend/types.js';
import type { Client } from '../clients.js';
import { ConcurrencyLimit, type LimitParts } from './concurrency-limit.js';
import { ReadyAnswers } from './ready-answers.js';
import { Standing } from './standing.js';
import { WaitingQueue } from './waiting-queue.js';

/** Requests that wait at most: about what a process can rank within a budget of 50 ms. */
export const WAITING_MAX = 128;
/** Requests that wait for an answer without work at most; more are refused. */
export const SHED_MAX = 256;
/** Share of its budget that a request may wait while its client is overloaded, and the newest come first; else it may wait for as long as it can still be ranked. */
const OVERLOADED_WAIT_SHARE = 0.15;
/** Of a turn of the event loop, for starting requests; less for those of an overloaded client, as turns then have to be short. */
const START_MS_MAX = 4;
const START_MS_MAX_OVERLOADED = 2;
/** Of a turn of the event loop, for answers without work. They come first: while some are left, no request is started. */
const SHED_MS_MAX = 8;
/** Kept back for an answer without work, with the turn of the event loop that comes before it, and for each that may come before it. */
const SHED_RESERVE_MS = 8;
const SHED_RESERVE_MS_EACH = 0.15;
/** Of a turn of the event loop, that an answer waits to be handed out with others. */
const READY_MS_MAX = 1;
/** While requests wait for others to finish, so often it is looked whose time is over. */
const LOOK_EVERY_MS = 2;
/** Refused clients try again after so long to twice that, so that they do not come back all at once. */
const RETRY_AFTER_MS = 500;
/** Before any request was measured. */
const NEEDED_MS_INITIAL = 1;

export interface Work<T> {
  readonly client: Client;
  /** Monotonic, milliseconds. */
  readonly receivedAtMs: number;
  /** The end of the budget; monotonic, milliseconds. */
  readonly deadlineMs: number;
  /** Aborted when the client went away. */
  readonly signal: AbortSignal;
  /** Answers; with less than the full work, where there is no time for it. */
  run(cuts: Cuts): Promise<T>;
  /** Whether the answer does without something behind the service because that was late or down. */
  gaveUp(answer: T): boolean;
}

const UNCUT: Cuts = {};

/** Why a request is answered without work. */
export type ShedCause = 'pushed-out' | 'waited-too-long' | 'budget-below-floor';

export interface AdmissionObserver {
  started(client: Client, waitedMs: number): void;
  shed(client: Client, cause: ShedCause): void;
  refused(client: Client): void;
}

export interface AdmissionParts extends LimitParts {
  /** From 0 to 1. */
  readonly random: () => number;
  readonly observer: AdmissionObserver;
}

interface Entry<T> {
  readonly client: Client;
  readonly work: Work<T>;
  readonly resolve: (answer: T) => void;
  readonly reject: (error: unknown) => void;
}

export class Admission<T> {
  private readonly limit: ConcurrencyLimit;
  private readonly waiting = new WaitingQueue<Entry<T>>(WAITING_MAX);
  private readonly toShed: { readonly entry: Entry<T>; readonly cause: ShedCause }[] = [];
  /** How many of them could not be answered in the last turn. */
  private shedLeft = 0;
  private readonly neededMs = new RecentP95(NEEDED_MS_INITIAL);
  /** Bounded by the configuration. */
  private readonly standings = new Map<Client, Standing>();
  private readonly ready = new ReadyAnswers();
  private turn: NodeJS.Immediate | undefined;
  private look: NodeJS.Timeout | undefined;

  constructor(private readonly parts: AdmissionParts) {
    this.limit = new ConcurrencyLimit(parts);
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

  /**
   * Settles as the work does.
   *
   * @throws SegueError `SEGUE_OVERLOADED` where not even an answer without work is possible
   */
  admit(work: Work<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const entry = { client: work.client, work, resolve, reject };
      const nowMs = this.parts.nowMs();
      if (work.deadlineMs - nowMs < FLOOR_MS) {
        this.shedSoon(entry, 'budget-below-floor');
      } else {
        const pushedOut = this.waiting.add(entry);
        if (pushedOut !== undefined) this.overloaded(pushedOut, 'pushed-out', nowMs);
      }
      this.turnSoon();
    });
  }

  private overloaded(entry: Entry<T>, cause: ShedCause, nowMs: number): void {
    this.standingOf(entry.client).missed(nowMs);
    this.shedSoon(entry, cause);
  }

  private shedSoon(entry: Entry<T>, cause: ShedCause): void {
    if (this.toShed.length < SHED_MAX) this.toShed.push({ entry, cause });
    else this.refuse(entry);
  }

  private turnSoon(): void {
    this.turn ??= setImmediate(() => {
      this.turn = undefined;
      void this.takeTurn();
    });
  }

  private async takeTurn(): Promise<void> {
    await this.handOut();
    this.setAsideLate();
    const isCutShort = (await this.answerShed()) || (await this.startWaiting());
    if (isCutShort) {
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
    const late = this.waiting.takeWhere(({ client, work: { receivedAtMs, deadlineMs, signal } }) => {
      const budgetMs = deadlineMs - receivedAtMs;
      // Half of the budget is the request's own whatever others needed, or one slow moment would shed all that come after it.
      const waitMsMax = Math.min(
        budgetMs - Math.min(neededMs, budgetMs / 2),
        this.isOverloaded(client, nowMs) ? budgetMs * OVERLOADED_WAIT_SHARE : Infinity,
      );
      return signal.aborted || nowMs - receivedAtMs > waitMsMax;
    });
    for (const entry of late) {
      if (entry.work.signal.aborted) entry.reject(clientGone());
      else this.overloaded(entry, 'waited-too-long', nowMs);
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
   * Answers without work as many as fit into a turn. Of those left from the turn before, whose budget is over by now is refused.
   *
   * @returns whether some are left for the next turn
   */
  private async answerShed(): Promise<boolean> {
    const untilMs = this.parts.nowMs() + SHED_MS_MAX;
    let shed = this.toShed.shift();
    while (shed !== undefined) {
      const { entry, cause } = shed;
      const nowMs = this.parts.nowMs();
      const wasLeft = this.shedLeft > 0;
      if (wasLeft) this.shedLeft--;
      if (wasLeft && nowMs > entry.work.deadlineMs && cause !== 'budget-below-floor') {
        this.refuse(entry);
      } else {
        this.parts.observer.shed(entry.client, cause);
        void this.runWithoutWork(entry, cause);
        await this.everythingReady();
      }
      if (nowMs > untilMs) break;
      shed = this.toShed.shift();
    }
    this.shedLeft = this.toShed.length;
    await this.handOut();
    return this.shedLeft > 0;
  }

  private async runWithoutWork({ work, resolve, reject }: Entry<T>, cause: ShedCause): Promise<void> {
    try {
      const answer = await work.run({ shed: this.shedFor(work, cause) });
      this.handOutSoon(() => {
        resolve(answer);
      });
    } catch (error) {
      reject(error);
    }
  }

  private shedFor({ receivedAtMs }: Work<T>, cause: ShedCause): Shed {
    if (cause === 'budget-below-floor') {
      return { cause: 'timeout', detail: `less than ${FLOOR_MS} ms were left on arrival` };
    }
    const waitedMs = this.parts.nowMs() - receivedAtMs;
    return { cause: 'overload', detail: `${cause} after ${waitedMs.toFixed(1)} ms` };
  }

  private refuse(entry: Entry<T>): void {
    this.parts.observer.refused(entry.client);
    const retryAfterMs = Math.ceil(RETRY_AFTER_MS * (1 + this.parts.random()));
    entry.reject(
      new SegueError('SEGUE_OVERLOADED', `overloaded: try again in ${retryAfterMs} ms`, undefined, { retryAfterMs }),
    );
  }

  /** @returns whether more could be started, had the time for it not been over. */
  private async startWaiting(): Promise<boolean> {
    const beganMs = this.parts.nowMs();
    while (this.waiting.length > 0) {
      if (this.limit.requestsUnderWay >= this.limit.current) {
        this.limit.reached();
        return false;
      }
      const entry = this.waiting.take(
        (client) => this.isOverloaded(client, beganMs),
        (client) => this.mayRun(client),
      );
      if (entry === undefined) return false;
      void this.run(entry);
      await this.everythingReady();
      const msMax = this.isOverloaded(entry.client, beganMs) ? START_MS_MAX_OVERLOADED : START_MS_MAX;
      if (this.parts.nowMs() > beganMs + msMax) return true;
    }
    return false;
  }

  private handOutSoon(handOut: () => void): void {
    this.ready.add(handOut, this.parts.nowMs());
    this.turnSoon();
  }

  private async handOut(): Promise<void> {
    if (this.ready.handOut()) await everythingReady();
  }

  /** As the function; hands out answers that have waited for long. */
  private async everythingReady(): Promise<void> {
    await everythingReady();
    if (this.ready.waitedMs(this.parts.nowMs()) > READY_MS_MAX) await this.handOut();
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
    standing.started(started.atMs);
    this.parts.observer.started(client, started.atMs - work.receivedAtMs);
    try {
      const answer = await work.run(widthShare < 1 ? { widthShare } : UNCUT);
      this.handOutSoon(() => {
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

/** Resolves when nothing is left to be done without waiting: all callbacks of settled promises have run. */
function everythingReady(): Promise<void> {
  return new Promise((resolve) => {
    // A tick that is asked for among those callbacks comes after all of them.
    queueMicrotask(() => {
      process.nextTick(resolve);
    });
  });
}
