/**
 * Who takes how much of the event loop's time outside of admission: for parsing, checking, recording, encoding, metrics. Where the
 * loop has or had lately no time left and several clients are there, whoever takes more than its fair share is refused on arrival,
 * before its body is read. With time left, or alone, everyone takes what it likes.
 */
import type { ClientClass } from '../../config/client-limits.js';
import type { Client } from '../clients.js';

/** Time weighs less the longer ago it was taken: after so long, 1/e of it counts. */
const MEMORY_MS = 500;
/** How often it is looked how busy the event loop is, and over how long that is smoothed. */
const LOOK_EVERY_MS = 25;
const SMOOTHING_MS = 50;
/** Share of the time in which the event loop works, from which on it has no time left. */
const SATURATED = 0.8;
/** Once it had no time left, shares are kept to for so long: whoever was refused would come back at once and fill it again. */
const KEPT_TO_MS = 1_000;
/** Whoever asked so recently is there. */
const THERE_MS = 1_000;
/** What one client may weigh against another, times its concurrency share. */
const WEIGHT: Readonly<Record<ClientClass, number>> = { interactive: 4, standard: 2, batch: 1 };
/** Nobody's fair share is less. */
const FAIR_MIN = 0.05;

export interface LoopParts {
  /** Monotonic, milliseconds. */
  readonly nowMs: () => number;
  /** Share of the time since it was last asked in which the event loop worked. */
  readonly utilization: () => number;
}

interface Account {
  /** Milliseconds that count at `atMs`. */
  ms: number;
  atMs: number;
  askedAtMs: number;
}

export class LoopShares {
  /** Bounded by the configuration. */
  private readonly accounts = new Map<Client, Account>();
  private lookedAtMs = -Infinity;
  private utilization = 0;
  private weightThere = 0;
  private contendedUntilMs = -Infinity;

  constructor(private readonly parts: LoopParts) {}

  /** A client took so much of the event loop's time. */
  charge(client: Client, ms: number): void {
    this.settle(this.accountOf(client), this.parts.nowMs()).ms += ms;
  }

  /** A request arrives. Whether it has to be refused, because others have no time left and its client takes more than its fair share. */
  isOverFair(client: Client): boolean {
    const nowMs = this.parts.nowMs();
    const account = this.accountOf(client);
    account.askedAtMs = nowMs;
    this.look(nowMs);
    if (nowMs >= this.contendedUntilMs) return false;
    const fair = Math.max(FAIR_MIN, weightOf(client) / this.weightThere);
    return this.settle(account, nowMs).ms / MEMORY_MS > fair;
  }

  /** Whether the event loop has or had lately no time left, and several clients want some. */
  get isContended(): boolean {
    return this.parts.nowMs() < this.contendedUntilMs;
  }

  /** By client, share of the time lately. */
  *shares(): Generator<[Client, number]> {
    const nowMs = this.parts.nowMs();
    for (const [client, account] of this.accounts) yield [client, this.settle(account, nowMs).ms / MEMORY_MS];
  }

  private look(nowMs: number): void {
    const passedMs = nowMs - this.lookedAtMs;
    if (passedMs < LOOK_EVERY_MS) return;
    this.lookedAtMs = nowMs;
    this.utilization += (1 - Math.exp(-passedMs / SMOOTHING_MS)) * (this.parts.utilization() - this.utilization);
    let clientsThere = 0;
    this.weightThere = 0;
    for (const [client, { askedAtMs }] of this.accounts) {
      if (nowMs - askedAtMs > THERE_MS) continue;
      clientsThere++;
      this.weightThere += weightOf(client);
    }
    if (clientsThere < 2) this.contendedUntilMs = -Infinity;
    else if (this.utilization > SATURATED) this.contendedUntilMs = nowMs + KEPT_TO_MS;
  }

  private accountOf(client: Client): Account {
    let account = this.accounts.get(client);
    if (account === undefined) {
      account = { ms: 0, atMs: -Infinity, askedAtMs: -Infinity };
      this.accounts.set(client, account);
    }
    return account;
  }

  private settle(account: Account, nowMs: number): Account {
    account.ms *= Math.exp(-Math.max(0, nowMs - account.atMs) / MEMORY_MS);
    account.atMs = Math.max(nowMs, account.atMs);
    return account;
  }
}

function weightOf(client: Client): number {
  return WEIGHT[client.class] * client.concurrencyShare;
}
