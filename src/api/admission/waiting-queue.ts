/**
 * Requests that wait for their turn, few and briefly. The more urgent class comes first; clients of a class take turns; of one
 * client the oldest comes first, or where it sends too many the newest, since the oldest will not be served in time anyway. When it is
 * full, the oldest request of whoever has most in the least urgent class makes room: a greedy client pushes out its own.
 */
import { CLIENT_CLASSES, type ClientClass } from '../../config/client-limits.js';
import type { Client } from '../clients.js';

export interface Waiting {
  readonly client: Client;
}

/** What one client has waiting, oldest first. */
interface Lane<T> {
  readonly client: Client;
  readonly entries: T[];
}

export class WaitingQueue<T extends Waiting> {
  /** Non-empty lanes by class, most urgent first; within a class the one whose turn it is comes first. */
  private readonly lanes: readonly Lane<T>[][] = CLIENT_CLASSES.map(() => []);
  private count = 0;

  /** @param countMax requests that wait at most, 1 or more */
  constructor(private readonly countMax: number) {}

  get length(): number {
    return this.count;
  }

  lengthOf(clientClass: ClientClass): number {
    return this.lanesOf(clientClass).reduce((sum, { entries }) => sum + entries.length, 0);
  }

  /** @returns what had to make room for it, which may be itself. */
  add(entry: T): T | undefined {
    const pushedOut = this.count === this.countMax ? this.makeRoomFor(entry) : undefined;
    if (pushedOut === entry) return entry;
    const lane = this.laneOf(entry.client);
    if (lane === undefined) this.lanesOf(entry.client.class).push({ client: entry.client, entries: [entry] });
    else lane.entries.push(entry);
    this.count++;
    return pushedOut;
  }

  /**
   * Takes out whose turn it is.
   *
   * @param newestFirst clients of whom the newest comes first
   * @param mayRun clients for which it does not hold are passed over
   */
  take(newestFirst: (client: Client) => boolean, mayRun: (client: Client) => boolean): T | undefined {
    for (const lanes of this.lanes) {
      const lane = lanes.find(({ client }) => mayRun(client));
      if (lane === undefined) continue;
      const entry = newestFirst(lane.client) ? lane.entries.pop() : lane.entries.shift();
      lanes.splice(lanes.indexOf(lane), 1);
      if (lane.entries.length > 0) lanes.push(lane);
      this.count--;
      return entry;
    }
    return undefined;
  }

  /** Requests of one client. */
  lengthFor(client: Client): number {
    return this.laneOf(client)?.entries.length ?? 0;
  }

  /**
   * Takes out all for which it holds, most urgent first.
   *
   * @param leaves is told how many that came before it, and stay, the same client has waiting
   */
  takeWhere(leaves: (entry: T, before: number) => boolean): T[] {
    const taken: T[] = [];
    for (const lanes of this.lanes) {
      for (const lane of [...lanes]) {
        let kept = 0;
        for (const entry of lane.entries) {
          if (leaves(entry, kept)) taken.push(entry);
          else lane.entries[kept++] = entry;
        }
        lane.entries.length = kept;
        if (kept === 0) lanes.splice(lanes.indexOf(lane), 1);
      }
    }
    this.count -= taken.length;
    return taken;
  }

  /** Of the least urgent class that has any: the newcomer itself where all others are more urgent. */
  private makeRoomFor(newcomer: T): T | undefined {
    const newcomers = this.lanesOf(newcomer.client.class);
    const lanes = this.lanes.findLast((ofClass) => ofClass.length > 0 || ofClass === newcomers) ?? newcomers;
    if (lanes.length === 0) return newcomer;
    const longest = lanes.reduce((most, lane) => (lane.entries.length > most.entries.length ? lane : most));
    const pushedOut = longest.entries.shift();
    if (longest.entries.length === 0) lanes.splice(lanes.indexOf(longest), 1);
    this.count--;
    return pushedOut;
  }

  private laneOf(client: Client): Lane<T> | undefined {
    return this.lanesOf(client.class).find((lane) => lane.client === client);
  }

  private lanesOf(clientClass: ClientClass): Lane<T>[] {
    return this.lanes[CLIENT_CLASSES.indexOf(clientClass)] ?? [];
  }
}
