/** What is promoted now: one snapshot of tracks with boosts, read from the store and held in memory. */
import { fromBinary, toBinary, create } from '@bufbuild/protobuf';
import { createHash } from 'node:crypto';
import { PromotionSnapshotSchema, type PromotionSnapshot } from '../gen/segue/rows/v1/rows_pb.js';
import type { RowRef, RowStore } from '../store/row-store.js';

export const SNAPSHOT_ROW: RowRef = { table: 'promotions', key: 'snapshot' };
export const SNAPSHOT_COLUMN = 'snapshot';
export const PROMOTED_TRACKS_MAX = 10_000;

export interface Promoted {
  readonly campaignId: string;
  readonly trackId: string;
  /** Utility added at each position; at least 0. */
  readonly boost: number;
}

/** The promotions that are eligible for one request. */
export interface PromotionView {
  readonly snapshotId: string;
  readonly promoted: readonly Promoted[];
}

export const NO_PROMOTIONS: PromotionView = { snapshotId: '', promoted: [] };

/** sha256 of the encoded tracks in order: detects a snapshot that was cut or altered. */
export function digestOf(snapshot: PromotionSnapshot): string {
  const tracks = create(PromotionSnapshotSchema, { tracks: snapshot.tracks });
  return createHash('sha256').update(toBinary(PromotionSnapshotSchema, tracks)).digest('hex');
}

/** How much of a boost counts at this age: all of it up to the ttl, then less, nothing from twice the ttl on. */
export function freshness(ageMs: number, ttlMs: number): number {
  if (ageMs < 0 || ageMs >= 2 * ttlMs) return 0;
  return Math.min(1, Math.max(0, (2 * ttlMs - ageMs) / ttlMs));
}

/**
 * The promotions that may be placed in this market, on this surface, now.
 * None when the snapshot is from the future, twice as old as its ttl, or does not match its digest.
 */
export function eligible(
  snapshot: PromotionSnapshot | undefined,
  request: { readonly market: string | undefined; readonly surface: string; readonly nowMs: number },
): PromotionView {
  if (snapshot === undefined) return NO_PROMOTIONS;
  const fresh = freshness(request.nowMs - Number(snapshot.createdAtMs), snapshot.ttlSeconds * 1000);
  if (fresh === 0) return NO_PROMOTIONS;
  const promoted: Promoted[] = [];
  for (const track of snapshot.tracks) {
    if (!(track.boost > 0) || !Number.isFinite(track.boost)) continue;
    if (track.markets.length > 0 && !track.markets.includes(request.market ?? '')) continue;
    if (track.surfaces.length > 0 && !track.surfaces.includes(request.surface)) continue;
    if (Number(track.startsAtMs) > request.nowMs) continue;
    if (track.endsAtMs > 0n && Number(track.endsAtMs) <= request.nowMs) continue;
    promoted.push({ campaignId: track.campaignId, trackId: track.trackId, boost: track.boost * fresh });
  }
  return { snapshotId: snapshot.id, promoted };
}

export interface SnapshotObserver {
  /** A snapshot could not be read or was refused; the one before stays until it is too old. */
  refused(reason: string): void;
}

/** Keeps the current snapshot in memory, read again every `pollMs`. */
export class PromotionSnapshots {
  private snapshot: PromotionSnapshot | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly store: RowStore,
    private readonly observer: SnapshotObserver,
    private readonly pollMs: number,
  ) {}

  get current(): PromotionSnapshot | undefined {
    return this.snapshot;
  }

  /** Reads once, then keeps reading until `close`. */
  async start(): Promise<void> {
    await this.refresh();
    this.timer = setInterval(() => void this.refresh(), this.pollMs);
    this.timer.unref();
  }

  async refresh(): Promise<void> {
    try {
      const [row] = await this.store.read([SNAPSHOT_ROW], { timeoutMs: this.pollMs });
      const bytes = row?.get(SNAPSHOT_COLUMN);
      if (bytes === undefined) {
        this.snapshot = undefined;
        return;
      }
      const snapshot = fromBinary(PromotionSnapshotSchema, bytes);
      if (snapshot.digest !== digestOf(snapshot)) {
        this.observer.refused(`snapshot ${snapshot.id} does not match its digest`);
        return;
      }
      if (snapshot.tracks.length > PROMOTED_TRACKS_MAX) {
        this.observer.refused(
          `snapshot ${snapshot.id} has ${snapshot.tracks.length} tracks; at most ${PROMOTED_TRACKS_MAX} are allowed`,
        );
        return;
      }
      this.snapshot = snapshot;
    } catch (error) {
      this.observer.refused(error instanceof Error ? error.message : String(error));
    }
  }

  close(): void {
    clearInterval(this.timer);
  }
}
