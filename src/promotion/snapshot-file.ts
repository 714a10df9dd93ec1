/** A promotion snapshot as people write it: JSON, checked entry by entry. */
import { create } from '@bufbuild/protobuf';
import { z } from 'zod';
import { PromotionSnapshotSchema, type PromotionSnapshot } from '../gen/segue/rows/v1/rows_pb.js';
import { digestOf, PROMOTED_TRACKS_MAX } from './snapshot.js';

const id = z.string().min(1).max(64);
const time = z.iso.datetime({ offset: true });

const snapshotFile = z.strictObject({
  ttlSeconds: z.int().min(1).max(86_400),
  tracks: z
    .array(
      z.strictObject({
        campaignId: id,
        trackId: id,
        boost: z.number().min(0).max(1),
        markets: z.array(z.string().min(1).max(8)).max(300).default([]),
        surfaces: z.array(z.enum(['now-playing', 'smart-shuffle', 'radio'])).default([]),
        startsAt: time.optional(),
        endsAt: time.optional(),
      }),
    )
    .max(PROMOTED_TRACKS_MAX),
});

/**
 * @param text JSON: `{ ttlSeconds, tracks: [{ campaignId, trackId, boost, markets?, surfaces?, startsAt?, endsAt? }] }`
 * @throws Error with a line for each problem that names the field
 */
export function parseSnapshotFile(text: string, snapshotId: string, nowMs: number): PromotionSnapshot {
  const parsed = snapshotFile.safeParse(JSON.parse(text));
  if (!parsed.success) {
    throw new Error(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('\n'));
  }
  const snapshot = create(PromotionSnapshotSchema, {
    id: snapshotId,
    createdAtMs: BigInt(nowMs),
    ttlSeconds: parsed.data.ttlSeconds,
    tracks: parsed.data.tracks.map(({ startsAt, endsAt, ...track }) => ({
      ...track,
      startsAtMs: BigInt(startsAt === undefined ? 0 : Date.parse(startsAt)),
      endsAtMs: BigInt(endsAt === undefined ? 0 : Date.parse(endsAt)),
    })),
  });
  snapshot.digest = digestOf(snapshot);
  return snapshot;
}
