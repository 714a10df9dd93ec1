import { unknownListener } from '../listeners/unknown-listener.js';
import { EventCode, type History, type Session } from '../listeners/listener.js';
import { playWindow, WINDOW_PLAYS } from './play-window.js';

const memory = () => ({ ordinals: new Int32Array(WINDOW_PLAYS), previous: new Float64Array(WINDOW_PLAYS) });

/** Plays of the build: 5 6 7 5, then 8. */
const HISTORY: History = {
  ordinals: Uint32Array.of(5, 6, 7, 8),
  plays: Uint32Array.of(2, 1, 1, 1),
  lastIndices: Uint32Array.of(3, 1, 2, 4),
  lastAtMs: Float64Array.of(3, 1, 2, 4),
  gapMeans: Float32Array.of(3, NaN, NaN, NaN),
  gapMedians: Float32Array.of(3, NaN, NaN, NaN),
  gapMinimums: Float32Array.of(3, NaN, NaN, NaN),
  gapLasts: Float32Array.of(3, NaN, NaN, NaN),
  skips: new Uint32Array(4),
  completions: new Uint32Array(4),
  totalPlays: 5,
  artistOrdinals: new Uint32Array(0),
  artistLastIndices: new Uint32Array(0),
  artistGapMeans: new Float32Array(0),
};

function started(...ordinals: number[]): Session {
  return {
    ...unknownListener('anna').session,
    count: ordinals.length,
    types: new Uint8Array(ordinals.length).fill(EventCode.playStarted),
    ordinals: Int32Array.from(ordinals),
    isNew: new Uint8Array(ordinals.length).fill(1),
    playsSinceBuild: ordinals.length,
  };
}

describe('playWindow', () => {
  it('places the plays of the build that were the last of their track', () => {
    const window = playWindow(HISTORY, started(), memory());
    expect(window.now).toBe(5);
    expect(Array.from(window.ordinals)).toEqual([-1, 6, 7, 5, 8]);
    expect(Array.from(window.previous)).toEqual([-1, -1, -1, 0, -1]);
  });

  it('adds the starts since the build, each with the play before it', () => {
    const window = playWindow(HISTORY, started(6, 9, 6), memory());
    expect(window.now).toBe(8);
    expect(Array.from(window.ordinals)).toEqual([-1, 6, 7, 5, 8, 6, 9, 6]);
    expect(Array.from(window.previous)).toEqual([-1, -1, -1, 0, -1, 1, -1, 5]);
    expect(window.newTracks).toBe(1);
    expect(window.replayed.get(6)).toEqual({ last: 7, previous: 5, starts: 2, gapMinimum: 2, inHistory: 1 });
  });

  it('counts starts that the session no longer holds', () => {
    const session = { ...started(6), playsSinceBuild: 3 };
    const window = playWindow(HISTORY, session, memory());
    expect(window.now).toBe(8);
    expect(Array.from(window.ordinals)).toEqual([-1, 6, 7, 5, 8, -1, -1, 6]);
  });

  it('knows nothing of a listener without plays', () => {
    expect(playWindow(undefined, started(), memory())).toMatchObject({ now: 0, count: 0 });
  });

  it('leaves out events that the build has already', () => {
    const session = { ...started(8), isNew: new Uint8Array(1), playsSinceBuild: 0 };
    expect(playWindow(HISTORY, session, memory()).now).toBe(5);
  });
});
