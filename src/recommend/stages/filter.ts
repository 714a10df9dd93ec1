/** filter: the only stage that removes. One rule a file; the first rule that removes a candidate is the one reported. */
import type { Filtered, Retrieved } from '../state.js';
import type { FilterReport } from '../types.js';
import { alreadyHeard } from './filters/already-heard.js';
import { artistCap } from './filters/artist-cap.js';
import { blockedArtist } from './filters/blocked-artist.js';
import { explicit } from './filters/explicit.js';
import { hidden } from './filters/hidden.js';
import { justPlayed } from './filters/just-played.js';
import { market } from './filters/market.js';
import { playedRecently } from './filters/played-recently.js';
import { queued } from './filters/queued.js';
import type { Rule } from './filters/rule.js';

/** The artist cap is last: it counts only what the others kept. */
export const RULES: readonly Rule[] = [
  justPlayed,
  queued,
  playedRecently,
  hidden,
  blockedArtist,
  market,
  explicit,
  alreadyHeard,
  artistCap,
];

/** Never given up, however few candidates are left: what the listener, the market or the client ruled out. */
export const BINDING_RULES: readonly Rule[] = [justPlayed, queued, hidden, blockedArtist, market, explicit];

const REPORTED_TRACKS_MAX = 100;

/** Keeps the order of slots. Reports name tracks only where the request asks for an explanation. */
export function filter(state: Retrieved, rules: readonly Rule[] = RULES): Filtered {
  const { ordinals, count } = state.candidates;
  let kept = new Uint32Array(count);
  for (let slot = 0; slot < count; slot++) kept[slot] = slot;
  const removed: FilterReport[] = [];

  for (const rule of rules) {
    const removes = rule.removes(state);
    if (removes === undefined) continue;
    const trackIds: string[] = [];
    let left = 0;
    for (let i = 0; i < kept.length; i++) {
      const slot = kept[i] ?? 0;
      const ordinal = ordinals[slot] ?? 0;
      if (!removes(slot, ordinal)) kept[left++] = slot;
      else if (state.request.explain && trackIds.length < REPORTED_TRACKS_MAX) {
        trackIds.push(state.world.catalogue.idOf(ordinal));
      }
    }
    if (left < kept.length) removed.push({ filter: rule.name, removed: kept.length - left, trackIds });
    kept = kept.subarray(0, left);
  }
  return { ...state, kept, removed };
}
