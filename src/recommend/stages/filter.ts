/** filter: the only stage that removes. One rule a file; the first rule that removes a candidate is the one reported. */
import { withSlots } from '../../features/candidates.js';
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
import { Removal, type Rule } from './filters/rule.js';

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
  const { candidates, world, request } = state;
  const { columns, count } = candidates;
  columns.grow(count);
  const { removedBy } = columns;
  const removed: FilterReport[] = [];
  withSlots(candidates, world.catalogue, (slotOf) => {
    const removal = new Removal(count, removedBy, slotOf);
    for (let i = 0; i < rules.length; i++) {
      removal.begin(i + 1);
      rules[i].apply(state, removal);
      if (removal.removed === 0) continue;
      const trackIds = request.explain ? tracksRemovedBy(state, i + 1) : [];
      removed.push({ filter: rules[i].name, removed: removal.removed, trackIds });
    }
  });
  let left = 0;
  for (let slot = 0; slot < count; slot++) if (removedBy[slot] === 0) columns.kept[left++] = slot;
  return { ...state, kept: columns.kept.subarray(0, left), removed };
}

/** @param mark of the rule */
function tracksRemovedBy({ candidates, world }: Retrieved, mark: number): string[] {
  const { count, ordinals, columns } = candidates;
  const trackIds: string[] = [];
  for (let slot = 0; slot < count && trackIds.length < REPORTED_TRACKS_MAX; slot++) {
    if (columns.removedBy[slot] === mark) trackIds.push(world.catalogue.idOf(ordinals[slot]));
  }
  return trackIds;
}
