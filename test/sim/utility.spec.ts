import { createSimulation } from './simulation.js';
import { remember, startListening, type ListenerState, type Session } from './state.js';
import { trueUtility, utilityLogit, utilityParts } from './utility.js';

const simulation = createSimulation(7, { tracks: 1_000, listeners: 40 });
const NOON_MS = Date.parse('2026-01-07T12:00:00Z');
const HOUR_MS = 3_600_000;

function after(listener: number, lastTrack: number): ListenerState {
  const session: Session = {
    id: 's',
    mood: { kind: 'library' },
    plays: 1,
    skipsInARow: 0,
    lastTrack,
    lastArtists: [],
  };
  return { ...startListening(simulation.listeners[listener], NOON_MS), session };
}

describe('true utility', () => {
  const listener = simulation.listeners[3];
  const fresh = startListening(listener, NOON_MS);

  it('is a probability, and the logistic of the sum of its parts', () => {
    for (let track = 0; track < 200; track++) {
      const utility = trueUtility(simulation, fresh, track);
      expect(utility).toBeGreaterThan(0);
      expect(utility).toBeLessThan(1);
      const parts = utilityParts(simulation, fresh, track);
      const sum = parts.liking + parts.novelty + parts.mood + parts.transition + parts.fatigue;
      expect(Math.log(utility / (1 - utility))).toBeCloseTo(sum, 6);
    }
  });

  it('falls when a track was just heard, and comes back', () => {
    const heardAt = (agoMs: number): number =>
      utilityLogit(simulation, { ...fresh, memory: remember(fresh.memory, 5, NOON_MS - agoMs) }, 5);
    const known = utilityParts(simulation, { ...fresh, saved: [5] }, 5);
    const rested = known.liking + known.mood;
    expect(heardAt(0)).toBeCloseTo(rested - listener.fatigue, 6);
    expect(heardAt(6 * HOUR_MS)).toBeGreaterThan(heardAt(HOUR_MS));
    expect(heardAt(100 * listener.recoveryMs)).toBeCloseTo(rested, 6);
  });

  it('falls with jumps of tempo, key and energy, more for listeners with an ear', () => {
    const loss = (who: number): number => {
      let sum = 0;
      for (let track = 1; track < 200; track++) sum += utilityParts(simulation, after(who, 0), track).transition;
      return sum / 199;
    };
    const byEar = simulation.listeners
      .map(({ index, ear }) => ({ ear, loss: loss(index) }))
      .sort((a, b) => a.ear - b.ear);
    expect(byEar[0].loss).toBeLessThan(0);
    expect(byEar[byEar.length - 1].loss).toBeLessThan(byEar[0].loss);
    expect(utilityParts(simulation, after(3, 8), 8).transition).toBeCloseTo(0, 10);
  });

  it('is higher for tracks of the own library than for others', () => {
    for (const { library, index } of simulation.listeners) {
      const state = startListening(simulation.listeners[index], NOON_MS);
      const mean = (tracks: readonly number[]): number =>
        tracks.reduce((sum, track) => sum + utilityParts(simulation, state, track).liking, 0) / tracks.length;
      expect(mean([...library])).toBeGreaterThan(mean(Array.from({ length: 300 }, (_, i) => i * 3)));
    }
  });

  it('wants livelier music at livelier hours', () => {
    const hours = Array.from({ length: 24 }, (_, hour) => NOON_MS + hour * HOUR_MS);
    const liveliest = simulation.catalogue.tracks.reduce(
      (best, track, i, all) => (track.sound.energy > all[best].sound.energy ? i : best),
      0,
    );
    const moods = hours.map((nowMs) => utilityParts(simulation, { ...fresh, nowMs }, liveliest).mood);
    const localPeak = (listener.liveHour - listener.market.utcOffsetHours + 24 - 12) % 24;
    const best = moods.indexOf(Math.max(...moods));
    const apart = Math.abs(best - localPeak);
    expect(Math.min(apart, 24 - apart)).toBeLessThanOrEqual(1);
  });
});
