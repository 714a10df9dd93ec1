/** What a track is truly worth to a listener at a moment: what rankers try to learn, and evaluators may know. */
import { keyDistance } from '../../src/worlds/camelot.js';
import { tempoDistance } from '../../src/worlds/transition.js';
import { logistic } from './draws.js';
import { holds } from './library.js';
import { liking } from './liking.js';
import { localHour } from './markets.js';
import type { Listener } from './listeners.js';
import type { Simulation } from './simulation.js';
import type { Sound } from './sound.js';
import type { ListenerState } from './state.js';

/** Taken out once: where tests run, in VM contexts, each look-up of a global costs more than the function. */
const { PI, abs, cos, exp } = Math;

/** Logits; their sum decides between completing and skipping. */
export interface UtilityParts {
  /** Taste, artist, quality, the listener's patience, and what each listener has in common. */
  readonly liking: number;
  /** Of a track that the listener does not know. */
  readonly novelty: number;
  /** Of its energy at this hour; at most 0. */
  readonly mood: number;
  /** Of the step from the track before; at most 0. */
  readonly transition: number;
  /** Of having heard it, or its artist, lately; at most 0. */
  readonly fatigue: number;
}

/** Sets the share of skips. */
const GROUND = -0.15;
const TEMPO_WEIGHT = 2.6;
const KEY_WEIGHT = 0.12;
const ENERGY_WEIGHT = 1.1;
const ARTIST_FATIGUE = 0.3;

export function utilityParts(simulation: Simulation, state: ListenerState, track: number): UtilityParts {
  const { catalogue } = simulation;
  const listener = simulation.listeners[state.listener];
  const { sound } = catalogue.tracks[track];
  const last = state.session?.lastTrack ?? -1;
  const heard = fatigueLoad(listener, state, track);
  const known = heard.times > 0 || holds(listener.library, track) || state.saved.includes(track);
  return {
    liking: GROUND + listener.patience + liking(catalogue, listener, track),
    novelty: known ? 0 : listener.novelty,
    mood: -listener.moodiness * (sound.energy - wantedEnergy(listener, state.nowMs)) ** 2,
    transition: last < 0 ? 0 : -listener.ear * transitionCost(catalogue.tracks[last].sound, sound),
    fatigue: -listener.fatigue * heard.load - artistFatigue(state, catalogue.tracks[track].artist),
  };
}

/** The probability that the listener, once it started, hears the track to its end: 0 to 1. */
export function trueUtility(simulation: Simulation, state: ListenerState, track: number): number {
  return logistic(utilityLogit(simulation, state, track));
}

export function utilityLogit(simulation: Simulation, state: ListenerState, track: number): number {
  const parts = utilityParts(simulation, state, track);
  return parts.liking + parts.novelty + parts.mood + parts.transition + parts.fatigue;
}

/** 0 for the same tempo, key and energy; about 3 at most. */
export function transitionCost(from: Sound, to: Sound): number {
  return (
    TEMPO_WEIGHT * tempoDistance(from.tempoBpm, to.tempoBpm) +
    KEY_WEIGHT * keyDistance(from.key, from.mode, to.key, to.mode) +
    ENERGY_WEIGHT * abs(from.energy - to.energy)
  );
}

/** 0 to 1: between calm and lively, by local hour. */
export function wantedEnergy(listener: Listener, atMs: number): number {
  const phase = ((localHour(listener.market, atMs) - listener.liveHour) / 24) * 2 * PI;
  return listener.calmEnergy + ((listener.liveEnergy - listener.calmEnergy) * (1 + cos(phase))) / 2;
}

/** How often a track is in the listener's memory, and how much of that has not faded yet. */
function fatigueLoad(listener: Listener, state: ListenerState, track: number): { times: number; load: number } {
  const { tracks, endedAtMs } = state.memory;
  let times = 0;
  let load = 0;
  for (let at = tracks.indexOf(track); at >= 0; at = tracks.indexOf(track, at + 1)) {
    times++;
    load += exp((endedAtMs[at] - state.nowMs) / listener.recoveryMs);
  }
  return { times, load };
}

/** Sessions on one artist do not tire of it. */
function artistFatigue(state: ListenerState, artist: number): number {
  const { session } = state;
  if (session === undefined || session.mood.kind === 'artist') return 0;
  return ARTIST_FATIGUE * session.lastArtists.reduce((times, other) => times + (other === artist ? 1 : 0), 0);
}
