/** What becomes of a track that started. */
import { clamp, logistic } from './draws.js';
import { Random, STREAM, streamOf } from './random.js';
import type { Simulation } from './simulation.js';
import { durationMs } from './sound.js';
import type { ListenerState } from './state.js';
import { utilityLogit } from './utility.js';

export interface Outcome {
  /** Undefined where nobody reported it, as when a device goes offline. */
  readonly outcome: 'completed' | 'skipped' | undefined;
  readonly playedMs: number;
  readonly saved: boolean;
  readonly hidden: boolean;
}

/** Share of plays whose end is not reported. */
const UNREPORTED = 0.02;
/** Mean time until an early skip, and the share of skips that are early. */
const EARLY_SKIP_MS = 12_000;
const EARLY_SHARE = 0.7;
const HEARD_MIN_MS = 800;

/**
 * The draws are the same whatever track it is, so two policies that are compared meet the same luck.
 *
 * @param track index into the catalogue
 */
export function drawOutcome(simulation: Simulation, state: ListenerState, track: number): Outcome {
  const random = streamOf(simulation.seed, STREAM.response, state.listener, state.plays);
  const fullMs = durationMs(simulation.catalogue.tracks[track].sound);
  const luck = random.uniform();
  const skippedAtMs = drawSkip(random, fullMs);
  const saveLuck = random.uniform();
  const hideLuck = random.uniform();
  const reported = !random.chance(UNREPORTED);

  const logit = utilityLogit(simulation, state, track);
  const completed = luck < logistic(logit);
  const listener = simulation.listeners[state.listener];
  const saveChance = listener.saveRate * 2 * logistic(logit - 2);
  return {
    outcome: reported ? (completed ? 'completed' : 'skipped') : undefined,
    playedMs: completed ? fullMs : skippedAtMs,
    saved: completed && !state.saved.includes(track) && saveLuck < saveChance,
    hidden: !completed && hideLuck < 0.03 * logistic(-logit - 1.5),
  };
}

/** Most skips come in the first seconds, the rest anywhere. */
function drawSkip(random: Random, fullMs: number): number {
  const early = random.exponential(EARLY_SKIP_MS);
  const late = random.uniform() * fullMs;
  const when = random.chance(EARLY_SHARE) ? early : late;
  return Math.round(clamp(when, HEARD_MIN_MS, 0.95 * fullMs));
}
