/** The baselines on the plays that are evaluated. */
import {
  LEFT_OUT,
  ListenerPopularity,
  measure,
  OverallPopularity,
  SequentialRules,
  type Baseline,
  type NumberedPlay,
} from './baselines.js';
import type { Quality } from './metrics.js';
import { inTurn, type PlaysByListener } from './play.js';

/** Share of each listener's earlier plays, the last ones, on which the number of plays to leave out is chosen. */
const CHOSEN_ON = 0.15;

/**
 * @param before plays that the world was built from; empty where they are not given
 * @param plays what is evaluated
 * @returns by name
 */
export function baselinesOn(before: PlaysByListener, plays: PlaysByListener): ReadonlyMap<string, Quality> {
  const numbers = new Numbers();
  const train = numbers.of(before);
  const test = numbers.of(plays);
  const tracks = numbers.trackCount;
  const chosen = chooseLeftOut(before, numbers);
  const baselines: Baseline[] = [
    new OverallPopularity(tracks),
    new ListenerPopularity(0, tracks),
    ...(chosen === 0 ? [] : [new ListenerPopularity(chosen, tracks)]),
    new SequentialRules(tracks),
  ];
  return new Map(baselines.map((baseline) => [baseline.name, measure(baseline, train, test)]));
}

/** The best N inside the earlier plays alone. */
function chooseLeftOut(before: PlaysByListener, numbers: Numbers): number {
  const first = new Map([...before].map(([id, own]) => [id, own.slice(0, splitAt(own.length))]));
  const last = new Map([...before].map(([id, own]) => [id, own.slice(splitAt(own.length))]));
  const train = numbers.of(first);
  const test = numbers.of(last);
  let best = { leftOut: 0, hitRate20: -1 };
  for (const leftOut of LEFT_OUT) {
    const { hitRate20 } = measure(new ListenerPopularity(leftOut, numbers.trackCount), train, test);
    if (hitRate20 > best.hitRate20) best = { leftOut, hitRate20 };
  }
  return best.leftOut;
}

function splitAt(plays: number): number {
  return Math.floor(plays * (1 - CHOSEN_ON));
}

/** Numbers listeners and tracks as they come. */
class Numbers {
  private readonly listeners = new Map<string, number>();
  private readonly tracks = new Map<string, number>();

  get trackCount(): number {
    return this.tracks.size;
  }

  of(plays: PlaysByListener): NumberedPlay[] {
    return inTurn(plays).map(({ play }) => ({
      listener: numberOf(this.listeners, play.listenerId),
      track: numberOf(this.tracks, play.trackId),
    }));
  }
}

function numberOf(numbers: Map<string, number>, name: string): number {
  let number = numbers.get(name);
  if (number === undefined) numbers.set(name, (number = numbers.size));
  return number;
}
