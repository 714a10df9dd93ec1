/**
 * Which process lets connections go, so that their clients make others.
 *
 * All processes accept connections from one socket: whoever is free takes the next. That takes a flood of them in, and leaves none with
 * a process that hangs, but a few connections that stay may all have come to one process. They are moved only where it matters: when that
 * process is busy and another has time, twice in a row.
 */

export interface Load {
  /** Of the event loop, 0 to 1, since the last one. */
  readonly utilization: number;
  /** Connections on which something was asked since then. */
  readonly connections: number;
}

export interface LettingGo {
  readonly slot: number;
  readonly connections: number;
}

/** How often {@link Balance.next} is to be asked. Processes tell their load twice as often, so that none is missed. */
export const BALANCE_EVERY_MS = 400;

/** Below that a process has time enough. */
const BUSY_FROM = 0.6;
/** Utilization of two processes that differs by less is as good as the same. */
const APART_FROM = 0.25;

export class Balance {
  private loads = new Map<number, Load>();
  /** The one that was too busy when it was last looked. */
  private before: number | undefined;

  told(slot: number, load: Load): void {
    this.loads.set(slot, load);
  }

  /** Of what was told since the last call: a process that says nothing is not compared. */
  next(): LettingGo | undefined {
    const busiest = mostOf(this.loads, ({ utilization }) => utilization);
    const idlest = mostOf(this.loads, ({ utilization }) => -utilization);
    this.loads = new Map();
    const { before } = this;
    this.before = undefined;
    if (busiest === undefined || idlest === undefined) return undefined;
    const { utilization, connections } = busiest.load;
    const apart = utilization - idlest.load.utilization;
    // The last one stays: alone it is as busy anywhere.
    if (utilization < BUSY_FROM || apart < APART_FROM || connections < 2) return undefined;
    if (before !== busiest.slot) {
      this.before = busiest.slot;
      return undefined;
    }
    // As many as make them equal, if all ask alike.
    return { slot: busiest.slot, connections: Math.max(1, Math.floor((connections * apart) / (2 * utilization))) };
  }
}

function mostOf(
  loads: ReadonlyMap<number, Load>,
  of: (load: Load) => number,
): { readonly slot: number; readonly load: Load } | undefined {
  let most: { readonly slot: number; readonly load: Load } | undefined;
  for (const [slot, load] of loads) if (most === undefined || of(load) > of(most.load)) most = { slot, load };
  return most;
}
