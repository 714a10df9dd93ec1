/** contexts.parquet -> rows of `contexts.<generation>`. */
import type { RowWrite } from '../../store/row-store.js';
import { rowKey } from '../../store/tables.js';
import { CONTEXT_COLUMN, packContextTracks } from '../track-rows.js';
import type { Catalogue } from '../world.js';
import type { Build } from './build-dir.js';
import { checkedOrdinals } from './checked.js';
import { groupsOf } from './groups.js';
import type { ParquetDirectory } from './parquet.js';

export async function* contextRows(
  build: Build,
  parquet: ParquetDirectory,
  catalogue: Catalogue,
): AsyncGenerator<RowWrite, void, undefined> {
  const chunks = parquet.chunks('contexts');
  for await (const group of groupsOf('contexts', chunks, (columns) => columns.text('context_id'))) {
    const ordinals = checkedOrdinals('contexts', group.number('ordinal'), catalogue.count);
    yield { key: rowKey(group.key), columns: [[CONTEXT_COLUMN, packContextTracks(build.builtThroughMs, ordinals)]] };
  }
}
