import { tempoDistance } from '../../src/worlds/transition.js';
import { playRow, PLAYS_HEADER, trackRow, TRACKS_HEADER } from './csv.js';
import { generatePlays } from './generate-plays.js';
import type { Play } from './listen.js';
import { createSimulation } from './simulation.js';

const WINDOW = { plays: 30_000, startMs: Date.parse('2026-01-05T00:00:00Z'), days: 28 };
const simulation = createSimulation(7, { tracks: 1_000, listeners: 200 });
const plays = [...generatePlays(simulation, WINDOW)];
const DAY_MS = 86_400_000;

function skipRate(chosen: readonly Play[]): number {
  const reported = chosen.filter((play) => play.outcome !== undefined);
  return reported.filter((play) => play.outcome === 'skipped').length / reported.length;
}

function countsOf(keys: readonly number[]): number[] {
  const counts = new Map<number, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return [...counts.values()].sort((a, b) => b - a);
}

describe('plays of a population', () => {
  it('are as many as asked, by listener and in order', () => {
    expect(plays).toHaveLength(WINDOW.plays);
    const broken = plays.filter((play, i) => {
      const before = plays[i - 1];
      if (i === 0 || play.listener !== before.listener) return play.seq !== 0;
      return play.seq !== before.seq + 1 || play.startedAtMs < before.startedAtMs + before.playedMs;
    });
    expect(broken).toEqual([]);
  });

  it('are the same bytes for the same seed, and others for another', () => {
    const small = { plays: 1_500, startMs: WINDOW.startMs, days: 7 };
    const csv = (seed: number): string => {
      const other = createSimulation(seed, { tracks: 300, listeners: 30 });
      const rows = [...generatePlays(other, small)].map((play) => playRow(other, play));
      return [
        PLAYS_HEADER,
        ...rows,
        TRACKS_HEADER,
        ...other.catalogue.tracks.map((track) => trackRow(other, track)),
      ].join('\n');
    };
    expect(csv(3)).toBe(csv(3));
    expect(csv(3)).not.toBe(csv(4));
  });

  it('stay inside the window but for a few', () => {
    const late = plays.filter((play) => play.startedAtMs > WINDOW.startMs + WINDOW.days * DAY_MS).length;
    expect(late / plays.length).toBeLessThan(0.03);
    const lastQuarter = plays.filter((play) => play.startedAtMs > WINDOW.startMs + 21 * DAY_MS).length;
    expect(lastQuarter / plays.length).toBeGreaterThan(0.15);
  });

  it('have heavy tails over listeners and over tracks', () => {
    const byListener = countsOf(plays.map((play) => play.listener));
    expect(byListener[0]).toBeGreaterThan(6 * byListener[byListener.length >> 1]);
    const byTrack = countsOf(plays.map((play) => play.track));
    expect(byTrack[0]).toBeGreaterThan(10 * byTrack[byTrack.length >> 1]);
  });

  it('are skipped in 20 to 35 of 100 cases, differently by listener', () => {
    const all = skipRate(plays);
    expect(all).toBeGreaterThan(0.2);
    expect(all).toBeLessThan(0.35);
    const rates = [...Map.groupBy(plays, (play) => play.listener).values()]
      .filter((own) => own.length >= 50)
      .map(skipRate)
      .sort((a, b) => a - b);
    expect(rates[Math.floor(0.9 * rates.length)] - rates[Math.floor(0.1 * rates.length)]).toBeGreaterThan(0.12);
  });

  it('are skipped early, mostly', () => {
    const skips = plays
      .filter((play) => play.outcome === 'skipped')
      .map((play) => play.playedMs)
      .sort((a, b) => a - b);
    expect(skips[0]).toBeGreaterThan(0);
    expect(skips[skips.length >> 1]).toBeLessThan(30_000);
  });

  it('are skipped more after a jump of tempo', () => {
    const pairs = plays.flatMap((play, i) => {
      const before = plays[i - 1];
      return i > 0 && before.sessionId === play.sessionId ? [{ before, play }] : [];
    });
    const jump = ({ before, play }: { before: Play; play: Play }): number =>
      tempoDistance(
        simulation.catalogue.tracks[before.track].sound.tempoBpm,
        simulation.catalogue.tracks[play.track].sound.tempoBpm,
      );
    const near = skipRate(pairs.filter((pair) => jump(pair) < 0.1).map(({ play }) => play));
    const far = skipRate(pairs.filter((pair) => jump(pair) > 0.3).map(({ play }) => play));
    expect(far).toBeGreaterThan(near + 0.05);
  });

  it('are skipped more when the track was heard an hour ago than days ago', () => {
    const lastHeard = new Map<string, number>();
    const soon: Play[] = [];
    const later: Play[] = [];
    for (const play of plays) {
      const key = `${play.listener}/${play.track}`;
      const agoMs = play.startedAtMs - (lastHeard.get(key) ?? -Infinity);
      if (agoMs < 2 * 3_600_000) soon.push(play);
      else if (agoMs > 4 * DAY_MS && agoMs < Infinity) later.push(play);
      lastHeard.set(key, play.startedAtMs);
    }
    expect(soon.length).toBeGreaterThan(500);
    expect(skipRate(soon)).toBeGreaterThan(skipRate(later) + 0.1);
  });

  it('come from playlists in part, and only from tracks of the market', () => {
    const fromPlaylists = plays.filter((play) => play.contextId !== undefined).length / plays.length;
    expect(fromPlaylists).toBeGreaterThan(0.2);
    expect(fromPlaylists).toBeLessThan(0.6);
    const elsewhere = plays.filter((play) => {
      const { markets } = simulation.catalogue.tracks[play.track];
      return markets.length > 0 && !markets.includes(simulation.listeners[play.listener].market.name);
    });
    expect(elsewhere).toEqual([]);
  });
});
