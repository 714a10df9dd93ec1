/** neighbours.parquet -> rows of `tracks.<generation>`. */
import type { RowWrite } from '../../store/row-store.js';
import { rowKey } from '../../store/tables.js';
import { NEIGHBOURS_COLUMN, packNeighbours, type Neighbours } from '../track-rows.js';
import type { Catalogue } from '../world.js';
import type { Build } from './build-dir.js';
import { checkedOrdinals } from './checked.js';
import { groupsOf, type Group } from './groups.js';
import type { ParquetDirectory } from './parquet.js';

export function neighbourGroups(parquet: ParquetDirectory): AsyncGenerator<Group<number>, void, undefined> {
  return groupsOf('neighbours', parquet.chunks('neighbours'), (columns) => columns.number('ordinal'));
}

export function neighboursOf(group: Group<number>, count: number): Neighbours {
  return {
    ordinals: checkedOrdinals('neighbours', group.number('neighbour'), count),
    scores: Float32Array.from(group.number('score')),
  };
}

export async function* neighbourRows(
  build: Build,
  parquet: ParquetDirectory,
  catalogue: Catalogue,
): AsyncGenerator<RowWrite, void, undefined> {
  for await (const group of neighbourGroups(parquet)) {
    checkedOrdinals('neighbours', [group.key], catalogue.count);
    const packed = packNeighbours(build.builtThroughMs, neighboursOf(group, catalogue.count));
    yield { key: rowKey(catalogue.idOf(group.key)), columns: [[NEIGHBOURS_COLUMN, packed]] };
  }
}
