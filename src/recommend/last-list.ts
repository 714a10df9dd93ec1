/** The cache's entry for a listener on a surface: the ranked list, and a fingerprint of all that it was computed from. */
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { hash } from 'node:crypto';
import type { Cache } from '../cache/cache.js';
import { RankedEntrySchema } from '../gen/segue/rows/v1/cache_pb.js';
import { packF32, packU32, unpackF32, unpackU32 } from '../store/packed.js';
import type { CallOptions } from '../store/row-store.js';
import type { Listened, RankedList } from './state.js';

/** Seconds for which an equal list is served. */
export const FRESH_SECONDS = 600;
/** Seconds for which a list is kept for the `cached` level. */
export const KEPT_SECONDS = 86_400;

export interface LastList {
  readonly fingerprint: Uint8Array;
  readonly generation: string;
  readonly createdAtMs: number;
  readonly ranked: RankedList;
  readonly context: Uint32Array;
}

export function cacheKeyOf(listenerId: string, surface: string): string {
  return hash('sha256', `${surface}\0${listenerId}`, 'base64url');
}

/** Equal fingerprints give equal ranked lists. */
export function fingerprintOf(state: Listened, ranker: string, snapshotId: string): Uint8Array {
  const { request, world, variant, listener, recents, queued } = state;
  return hash(
    'sha256',
    JSON.stringify([
      world.generation,
      variant.name,
      ranker,
      listener.session.version,
      request.contextId ?? '',
      request.contextTrackIds,
      request.market ?? '',
      request.allowExplicit,
      snapshotId,
      recents.join(),
      queued.join(),
    ]),
    'buffer',
  );
}

export function encodeLastList(list: LastList): Uint8Array {
  const { ranked } = list;
  return toBinary(
    RankedEntrySchema,
    create(RankedEntrySchema, {
      fingerprint: list.fingerprint,
      generation: list.generation,
      createdAtMs: BigInt(Math.round(list.createdAtMs)),
      ordinals: packU32(ranked.ordinals),
      scores: packF32(ranked.scores),
      utilities: packF32(ranked.utilities),
      sources: ranked.sources,
      ranker: ranked.ranker,
      context: packU32(list.context),
    }),
  );
}

/** @returns undefined for bytes that are no entry, or one whose lists do not fit each other. */
export function decodeLastList(bytes: Uint8Array): LastList | undefined {
  try {
    const entry = fromBinary(RankedEntrySchema, bytes);
    const ranked: RankedList = {
      ordinals: unpackU32(entry.ordinals, 'RankedEntry.ordinals'),
      scores: unpackF32(entry.scores, 'RankedEntry.scores'),
      utilities: unpackF32(entry.utilities, 'RankedEntry.utilities'),
      sources: entry.sources,
      ranker: entry.ranker,
    };
    const { length } = ranked.ordinals;
    if (ranked.scores.length !== length || ranked.utilities.length !== length || ranked.sources.length !== length) {
      return undefined;
    }
    return {
      fingerprint: entry.fingerprint,
      generation: entry.generation,
      createdAtMs: Number(entry.createdAtMs),
      ranked,
      context: unpackU32(entry.context, 'RankedEntry.context'),
    };
  } catch {
    return undefined;
  }
}

/** Whether the list may be served as if it had just been computed. */
export function isFresh(list: LastList, fingerprint: Uint8Array, nowMs: number): boolean {
  const ageMs = nowMs - list.createdAtMs;
  return ageMs >= 0 && ageMs < FRESH_SECONDS * 1000 && Buffer.compare(list.fingerprint, fingerprint) === 0;
}

/** The listener's last list on this surface; undefined for a miss, a failing cache or an entry that cannot be read. */
export async function readLastList(
  cache: Cache,
  listenerId: string,
  surface: string,
  options: CallOptions,
): Promise<LastList | undefined> {
  const bytes = await cache.get(cacheKeyOf(listenerId, surface), options);
  return bytes === undefined ? undefined : decodeLastList(bytes);
}
