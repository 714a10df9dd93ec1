import { describe, expect, it } from '@jest/globals';
import {
  ListenerPopularity,
  measure,
  OverallPopularity,
  SequentialRules,
  topOf,
  type NumberedPlay,
} from '../../src/replay/baselines.js';
import { QualityMeter, VarietyMeter } from '../../src/replay/metrics.js';

const of = (listener: number, tracks: readonly number[]): NumberedPlay[] =>
  tracks.map((track) => ({ listener, track }));

describe('baselines', () => {
  it('take the highest counts, ties by index', () => {
    expect([...topOf(Float64Array.of(1, 3, 0, 3, 2))]).toEqual([1, 3, 4, 0]);
    expect(topOf(Float64Array.from({ length: 50 }, (_, i) => i)).length).toBe(20);
  });

  it('guess what everybody plays', () => {
    const baseline = new OverallPopularity(10);
    of(0, [4, 4, 2]).forEach(({ listener, track }) => {
      baseline.played(listener, track);
    });
    expect([...baseline.guesses()]).toEqual([4, 2]);
  });

  it("guess the listener's own tracks first, without their last plays", () => {
    const baseline = new ListenerPopularity(2, 10);
    of(0, [1, 1, 2, 3, 1]).forEach((play) => {
      baseline.played(play.listener, play.track);
    });
    of(1, [7]).forEach((play) => {
      baseline.played(play.listener, play.track);
    });
    expect([...baseline.guesses(0)]).toEqual([2, 7]);
  });

  it('guess what followed before', () => {
    const baseline = new SequentialRules(10);
    of(0, [1, 2, 9, 9, 1, 2]).forEach((play) => {
      baseline.played(play.listener, play.track);
    });
    of(1, [5, 1]).forEach((play) => {
      baseline.played(play.listener, play.track);
    });
    expect(baseline.guesses(1)[0]).toBe(2);
  });

  it('count each play only after they guessed it', () => {
    expect(measure(new OverallPopularity(10), [], of(0, [3, 3, 3])).hitRate20).toBeCloseTo(2 / 3);
  });
});

describe('quality', () => {
  it('counts hits, reciprocal positions and gains within twenty', () => {
    const meter = new QualityMeter();
    [0, 1, -1, 20].forEach((position) => {
      meter.add(position);
    });
    expect(meter.quality()).toEqual({
      hitRate20: 2 / 4,
      mrr20: (1 + 1 / 2) / 4,
      ndcg20: (1 + 1 / Math.log2(3)) / 4,
    });
  });

  it('measures coverage of the catalogue and distinct artists of a slate', () => {
    const meter = new VarietyMeter();
    meter.add(['a', 'b'], [1, 1]);
    meter.add(['b', 'c'], [1, 2]);
    expect(meter.coverage(6)).toBe(0.5);
    expect(meter.artistVariety()).toBe(0.75);
  });
});
