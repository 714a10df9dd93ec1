/** The one table from what arrived to the level of the answer. */
import type { Level } from './types.js';

export interface Arrived {
  readonly listener: boolean;
  /** `partly`: a source was late or down. */
  readonly candidates: 'all' | 'partly' | 'none';
  /** `cut`: scored fewer than the surface's width to fit the time. */
  readonly ranker: 'full' | 'cut' | 'none';
  /** Whether a last ranked list is at hand. */
  readonly cachedList: boolean;
}

type Row = readonly [
  listener: boolean | 'any',
  candidates: Arrived['candidates'] | 'any',
  ranker: Arrived['ranker'] | 'any',
  cachedList: boolean | 'any',
  level: Level,
];

/** First row that matches decides. */
export const LEVEL_TABLE: readonly Row[] = [
  [true, 'all', 'full', 'any', 'full'],
  [true, 'partly', 'full', 'any', 'reduced'],
  [true, 'all', 'cut', 'any', 'reduced'],
  [true, 'partly', 'cut', 'any', 'reduced'],
  [true, 'all', 'none', 'any', 'light'],
  [true, 'partly', 'none', 'any', 'light'],
  ['any', 'any', 'any', true, 'cached'],
  ['any', 'any', 'any', false, 'popular'],
];

export function levelOf(arrived: Arrived): Level {
  for (const [listener, candidates, ranker, cachedList, level] of LEVEL_TABLE) {
    if (
      matches(listener, arrived.listener) &&
      matches(candidates, arrived.candidates) &&
      matches(ranker, arrived.ranker) &&
      matches(cachedList, arrived.cachedList)
    ) {
      return level;
    }
  }
  return 'popular';
}

function matches<T>(expected: T | 'any', actual: T): boolean {
  return expected === 'any' || expected === actual;
}
