/** The seven listener files, walked side by side -> rows of `listeners.<generation>`. */
import type { History, ScoredList, Signals } from '../../listeners/listener.js';
import { packHeard, packHistory, packPool, packSignals } from '../../listeners/pack-listener-row.js';
import type { RowWrite } from '../../store/row-store.js';
import { rowKey } from '../../store/tables.js';
import { ATTRIBUTE, ATTRIBUTE_COUNT, type Attribute } from '../attributes.js';
import type { Catalogue } from '../world.js';
import type { Build } from './build-dir.js';
import { MEANS, type BuildFile } from './build-files.js';
import { checkedCounts, checkedOrdinals, checkedTimes } from './checked.js';
import { GroupCursor, groupsOf, type Group } from './groups.js';
import type { Columns, ParquetDirectory } from './parquet.js';

type ListenerGroup = Group<string>;

const PARTS = ['pools', 'signals', 'signal_artists', 'history', 'history_artists', 'heard'] as const;
type Part = (typeof PARTS)[number];

const ATTRIBUTE_OF: Readonly<Record<(typeof MEANS)[number], Attribute>> = {
  tempo_bpm: 'tempoBpm',
  key: 'key',
  mode: 'mode',
  loudness: 'loudness',
  danceability: 'danceability',
  onset_rate: 'onsetRate',
  dynamic_complexity: 'dynamicComplexity',
  duration_s: 'durationS',
  release_year: 'releaseYear',
  energy: 'energy',
  popularity: 'popularity',
};

interface Basics {
  readonly plays: number;
  readonly completionRate: number;
  readonly skipRate: number;
  readonly market: string;
}

export async function* listenerRows(
  _build: Build,
  parquet: ParquetDirectory,
  catalogue: Catalogue,
): AsyncGenerator<RowWrite, void, undefined> {
  const cursors = new Map(PARTS.map((part) => [part, cursorOf(part, parquet)]));
  try {
    for await (const columns of parquet.chunks('listeners')) {
      for (let row = 0; row < columns.rowCount; row++) {
        const id = columns.text('listener_id')[row];
        const parts = new Map<Part, ListenerGroup>();
        for (const [part, cursor] of cursors) {
          const group = await cursor.take(id);
          if (group !== undefined) parts.set(part, group);
        }
        yield { key: rowKey(id), columns: packedColumns(columns, row, parts, catalogue) };
      }
    }
    for (const cursor of cursors.values()) await cursor.end('listeners');
  } finally {
    for (const cursor of cursors.values()) await cursor.close();
  }
}

function cursorOf(file: BuildFile, parquet: ParquetDirectory): GroupCursor<string> {
  return new GroupCursor(
    file,
    groupsOf(file, parquet.chunks(file), (columns) => columns.text('listener_id')),
  );
}

function packedColumns(
  columns: Columns,
  row: number,
  parts: ReadonlyMap<Part, ListenerGroup>,
  catalogue: Catalogue,
): [string, Uint8Array][] {
  const [throughMs] = checkedTimes('listeners', 'built_through_ms', [columns.number('built_through_ms')[row]]);
  const [plays] = checkedCounts('listeners', 'plays', [columns.number('plays')[row]]);
  const basics: Basics = {
    plays,
    completionRate: columns.number('completion_rate')[row],
    skipRate: columns.number('skip_rate')[row],
    market: columns.text('market')[row],
  };
  const pools = parts.get('pools');
  const heard = parts.get('heard');
  return [
    ['pool', packPool(throughMs, pools === undefined ? [] : poolsOf(pools, catalogue))],
    ['signals', packSignals(throughMs, signalsOf(basics, parts, catalogue))],
    ['history', packHistory(throughMs, historyOf(basics, parts, catalogue))],
    ['heard', packHeard(throughMs, heard?.text('track_id') ?? [])],
  ];
}

function poolsOf(group: ListenerGroup, catalogue: Catalogue): ScoredList[] {
  const names = group.text('source');
  const ordinals = checkedOrdinals('pools', group.number('ordinal'), catalogue.count);
  const scores = Float32Array.from(group.number('score'));
  const lists: ScoredList[] = [];
  let start = 0;
  for (let row = 1; row <= names.length; row++) {
    if (row < names.length && names[row] === names[start]) continue;
    lists.push({ name: names[start], ordinals: ordinals.subarray(start, row), scores: scores.subarray(start, row) });
    start = row;
  }
  return lists;
}

function signalsOf(basics: Basics, parts: ReadonlyMap<Part, ListenerGroup>, catalogue: Catalogue): Signals {
  const signals = parts.get('signals');
  const artists = parts.get('signal_artists');
  const attributeMeans = new Float32Array(ATTRIBUTE_COUNT).fill(NaN);
  const attributeDeviations = new Float32Array(ATTRIBUTE_COUNT).fill(NaN);
  for (const name of signals === undefined ? [] : MEANS) {
    const index = ATTRIBUTE[ATTRIBUTE_OF[name]];
    attributeMeans[index] = signals?.number(`mean_${name}`)[0] ?? NaN;
    attributeDeviations[index] = signals?.number(`dev_${name}`)[0] ?? NaN;
  }
  return {
    attributeMeans,
    attributeDeviations,
    artistOrdinals: checkedOrdinals('signal_artists', artists?.number('artist_ordinal') ?? [], catalogue.artistCount),
    artistWeights: Float32Array.from(artists?.number('weight') ?? []),
    ...basics,
  };
}

function historyOf(basics: Basics, parts: ReadonlyMap<Part, ListenerGroup>, catalogue: Catalogue): History {
  const tracks = parts.get('history');
  const artists = parts.get('history_artists');
  const values = (column: string) => tracks?.number(column) ?? [];
  const floats = (column: string) => Float32Array.from(values(column));
  const counts = (column: string) => checkedCounts('history', column, values(column));
  return {
    ordinals: checkedOrdinals('history', values('ordinal'), catalogue.count),
    plays: counts('plays'),
    lastIndices: counts('last_index'),
    lastAtMs: checkedTimes('history', 'last_at_ms', values('last_at_ms')),
    gapMeans: floats('gap_mean'),
    gapMedians: floats('gap_median'),
    gapMinimums: floats('gap_min'),
    gapLasts: floats('gap_last'),
    skips: counts('skips'),
    completions: counts('completions'),
    totalPlays: basics.plays,
    artistOrdinals: checkedOrdinals('history_artists', artists?.number('artist_ordinal') ?? [], catalogue.artistCount),
    artistLastIndices: checkedCounts('history_artists', 'last_index', artists?.number('last_index') ?? []),
    artistGapMeans: Float32Array.from(artists?.number('gap_mean') ?? []),
  };
}
