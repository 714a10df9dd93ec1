/**
 * Which process lets connections go, so that their clients make others.
 *
 * All processes accept connections from one socket: whoever is free takes the next. That takes a flood of them in, and leaves none with
 * a process that hangs, but a few connections that stay may all have come to one process, or most of many. They are moved only where it
 * matters: when that process is busy and another has time, or all are as busy and it turns more requests away; twice in a row.
 */
import type { Shedding } from '../api/admission/admission.js';

/** Since the last one. */
export interface Load extends Shedding {
  /** Of the event loop, 0 to 1. */
  readonly utilization: number;
  /** Connections on which something was asked. */
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
/** A smaller difference between two processes, as a share, is as good as none. */
const APART_FROM = 0.25;

interface Told {
  readonly slot: number;
  readonly load: Load;
}

export class Balance {
  private loads = new Map<number, Load>();
  /** The one that was too busy when it was last looked. */
  private before: number | undefined;

  told(slot: number, load: Load): void {
    const before = this.loads.get(slot);
    this.loads.set(slot, before === undefined ? load : together(before, load));
  }

  /** Of what was told since the last call: a process that says nothing is not compared. */
  next(): LettingGo | undefined {
    const told = [...this.loads].map(([slot, load]) => ({ slot, load }));
    this.loads = new Map();
    const { before } = this;
    this.before = undefined;
    const found = tooBusyOf(told);
    // The last one stays: alone it is as busy anywhere.
    if (found === undefined || found.load.connections < 2) return undefined;
    const { slot, load, excess } = found;
    if (before !== slot) {
      this.before = slot;
      return undefined;
    }
    // As many as make them equal, if all ask alike.
    return { slot, connections: Math.max(1, Math.floor((load.connections * excess) / 2)) };
  }
}

/** The one with the most to do, and the share of it that the one with the least has not; none where they are much alike. */
function tooBusyOf(told: readonly Told[]): (Told & { readonly excess: number }) | undefined {
  if (told.length < 2) return undefined;
  const [busiest, idlest] = endsOf(told, ({ utilization }) => utilization);
  const { utilization } = busiest.load;
  if (utilization < BUSY_FROM) return undefined;
  const apart = utilization - idlest.load.utilization;
  if (apart >= APART_FROM) return { ...busiest, excess: apart / utilization };
  const [fullest, emptiest] = endsOf(told, ({ shed }) => shed);
  // Who turns away most of the little that it is asked has less time than the other, not more.
  if (shareShed(fullest.load) < shareShed(emptiest.load)) return undefined;
  const excess = Math.min(1, (fullest.load.shed - emptiest.load.shed) / Math.max(1, fullest.load.requests));
  return excess < APART_FROM ? undefined : { ...fullest, excess };
}

/** Above 1 where some of those that were turned away had come before. */
function shareShed({ requests, shed }: Load): number {
  return shed / Math.max(1, requests);
}

/** Of two periods that are about as long. */
function together(a: Load, b: Load): Load {
  return {
    utilization: (a.utilization + b.utilization) / 2,
    connections: Math.max(a.connections, b.connections),
    requests: a.requests + b.requests,
    shed: a.shed + b.shed,
  };
}

/** Those with the most and with the least. */
function endsOf(told: readonly Told[], of: (load: Load) => number): readonly [Told, Told] {
  const sorted = told.toSorted((a, b) => of(b.load) - of(a.load));
  return [sorted[0], sorted[sorted.length - 1]];
}
