/**
 * Work in pieces of a millisecond or so: parsing large bodies, encoding long answers, checking and recording events. A turn of the
 * event loop takes few of them, the more urgent class first and clients of a class in turn, so that whoever sends much waits for
 * itself. Each piece is charged to its client.
 */
import type { Client } from '../clients.js';
import type { LoopShares } from './loop-shares.js';
import { overloaded } from './overloaded.js';
import { everythingReady } from './ready-answers.js';
import { WaitingQueue } from './waiting-queue.js';

/** Pieces that wait at most; with more, the oldest of whoever has most in the least urgent class is refused. */
export const PIECES_WAITING_MAX = 1_024;
/** Pieces that wait for the store or the disk at once; of these a client has at most its concurrency share. */
export const PIECES_UNDER_WAY_MAX = 128;
/** Of a turn of the event loop. */
const TURN_MS_MAX = 2;

export interface PiecesParts {
  /** Monotonic, milliseconds. */
  readonly nowMs: () => number;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly shares: Pick<LoopShares, 'charge'>;
  readonly onRefused: (client: Client) => void;
}

interface Piece {
  readonly client: Client;
  readonly start: () => Promise<void>;
  readonly refuse: (error: unknown) => void;
}

export class Pieces {
  private readonly waiting = new WaitingQueue<Piece>(PIECES_WAITING_MAX);
  private underWay = 0;
  /** Bounded by the configuration. */
  private readonly underWayOf = new Map<Client, number>();
  private turn: NodeJS.Immediate | undefined;

  constructor(private readonly parts: PiecesParts) {}

  /**
   * Settles as the work does, which is done in one of the next turns of the event loop.
   *
   * @throws SegueError `SEGUE_OVERLOADED` where too many pieces wait
   */
  run<T>(client: Client, work: () => T | Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const start = async (): Promise<void> => {
        this.count(client, 1);
        try {
          resolve(await work());
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        } finally {
          this.count(client, -1);
          if (this.waiting.length > 0) this.turnSoon();
        }
      };
      const pushedOut = this.waiting.add({ client, start, refuse: reject });
      if (pushedOut !== undefined) {
        this.parts.onRefused(pushedOut.client);
        pushedOut.refuse(overloaded(this.parts.random));
      }
      this.turnSoon();
    });
  }

  private turnSoon(): void {
    this.turn ??= setImmediate(() => {
      this.turn = undefined;
      void this.takeTurn();
    });
  }

  private async takeTurn(): Promise<void> {
    const beganMs = this.parts.nowMs();
    let doneMs = beganMs;
    while (this.underWay < PIECES_UNDER_WAY_MAX && doneMs - beganMs < TURN_MS_MAX) {
      const piece = this.waiting.take(
        () => false,
        (client) => this.mayRun(client),
      );
      // Whoever ends asks for another turn.
      if (piece === undefined) return;
      void piece.start();
      await everythingReady();
      const nowMs = this.parts.nowMs();
      this.parts.shares.charge(piece.client, nowMs - doneMs);
      doneMs = nowMs;
    }
    if (this.waiting.length > 0) this.turnSoon();
  }

  private mayRun(client: Client): boolean {
    const most = Math.max(1, Math.floor(client.concurrencyShare * PIECES_UNDER_WAY_MAX));
    return (this.underWayOf.get(client) ?? 0) < most;
  }

  private count(client: Client, change: 1 | -1): void {
    this.underWay += change;
    this.underWayOf.set(client, (this.underWayOf.get(client) ?? 0) + change);
  }
}
