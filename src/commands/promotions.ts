/** `segue promotions`: what is promoted now. */
import { toBinary } from '@bufbuild/protobuf';
import { Command } from 'commander';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { PromotionSnapshotSchema } from '../gen/segue/rows/v1/rows_pb.js';
import { parseSnapshotFile } from '../promotion/snapshot-file.js';
import { SNAPSHOT_COLUMN, SNAPSHOT_ROW } from '../promotion/snapshot.js';
import type { CliContext } from './context.js';

const EXAMPLE = `
Example:
  $ cat promotions.json
  { "ttlSeconds": 3600, "tracks": [{ "campaignId": "spring", "trackId": "t17", "boost": 0.2, "markets": ["DE"] }] }
  $ segue promotions put promotions.json

A track is promoted while the snapshot is younger than twice its ttl; from the ttl on its boost fades. Put it again to renew it.
`;

export function promotionsCommand(context: CliContext): Command {
  const promotions = new Command('promotions').description(
    'The snapshot of promoted tracks that is blended into slates.',
  );
  promotions
    .command('put <file>')
    .description('Replace the snapshot by the one in a JSON file. Running services take it within `promotions.pollMs`.')
    .action(async (file: string) => {
      const snapshot = parseSnapshotFile(await readFile(file, 'utf8'), randomUUID(), Date.now());
      const store = context.openStore();
      try {
        await store.createTable(SNAPSHOT_ROW.table);
        await store.mutate(SNAPSHOT_ROW, { set: [[SNAPSHOT_COLUMN, toBinary(PromotionSnapshotSchema, snapshot)]] });
      } finally {
        await store.close();
      }
      process.stdout.write(`snapshot ${snapshot.id}: ${snapshot.tracks.length} promoted tracks\n`);
    });
  promotions
    .command('clear')
    .description('Promote nothing.')
    .action(async () => {
      const store = context.openStore();
      try {
        await store.createTable(SNAPSHOT_ROW.table);
        await store.mutate(SNAPSHOT_ROW, { remove: [SNAPSHOT_COLUMN] });
      } finally {
        await store.close();
      }
    });
  return promotions.addHelpText('after', EXAMPLE);
}
