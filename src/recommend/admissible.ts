/** What may be served in a market at all, most popular first: found by one look through the catalogue, and remembered. */
import type { Catalogue, World } from '../worlds/world.js';
import { isExplicit } from './stages/filters/explicit.js';
import type { RecommendRequest } from './types.js';

/** Tracks that are remembered: those of the longest slate, and many that its listener may have ruled out. */
export const REMEMBERED_TRACKS = 1_024;

export interface Admissible {
  /** By falling popularity. */
  readonly ordinals: Uint32Array;
  /** The first ordinal that was not looked at; where nothing is left, the catalogue's count. */
  readonly next: number;
}

/** By market and whether explicit tracks may be in it: as many as the catalogue names, twice; freed with their world. */
const remembered = new WeakMap<World, Map<string, Admissible>>();

/** The first of the catalogue that the market admits, explicit ones only where the request allows them. */
export function admissibleIn(world: World, { market, allowExplicit }: RecommendRequest): Admissible {
  let ofWorld = remembered.get(world);
  if (ofWorld === undefined) {
    ofWorld = new Map();
    remembered.set(world, ofWorld);
  }
  const key = `${market === undefined ? 'any' : nameIn(world.catalogue, market)} ${String(allowExplicit)}`;
  let found = ofWorld.get(key);
  if (found === undefined) {
    found = firstAdmissible(world.catalogue, market ?? '', allowExplicit);
    ofWorld.set(key, found);
  }
  return found;
}

/** One name for all markets that the catalogue does not name: no client can have it look for each. */
function nameIn(catalogue: Catalogue, market: string): string {
  return catalogue.namesMarket(market) ? market : 'other';
}

function firstAdmissible(catalogue: Catalogue, market: string, allowExplicit: boolean): Admissible {
  const ordinals = new Uint32Array(REMEMBERED_TRACKS);
  const { count } = catalogue;
  let found = 0;
  let next = 0;
  for (; next < count && found < REMEMBERED_TRACKS; next++) {
    if (!catalogue.admits(next, market)) continue;
    if (allowExplicit || !isExplicit(catalogue, next)) ordinals[found++] = next;
  }
  return { ordinals: ordinals.slice(0, found), next };
}
