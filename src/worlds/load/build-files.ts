/** The files of a build directory, and the columns that a load reads from each. */

export type ColumnKind = 'text' | 'number';

const ordinal = { listener_id: 'text', ordinal: 'number' } as const;

/** `MEANS` attributes have a mean and a deviation over a listener's plays. */
export const MEANS = [
  'tempo_bpm',
  'key',
  'mode',
  'loudness',
  'danceability',
  'onset_rate',
  'dynamic_complexity',
  'duration_s',
  'release_year',
  'energy',
  'popularity',
] as const;

const MEAN_COLUMNS: Readonly<Record<string, ColumnKind>> = Object.fromEntries(
  MEANS.flatMap((name) => [
    [`mean_${name}`, 'number' as const],
    [`dev_${name}`, 'number' as const],
  ]),
);

export const BUILD_FILES = {
  tracks: {
    ordinal: 'number',
    track_id: 'text',
    artist: 'text',
    artist_ordinal: 'number',
    tempo_bpm: 'number',
    key: 'number',
    mode: 'number',
    loudness: 'number',
    danceability: 'number',
    onset_rate: 'number',
    dynamic_complexity: 'number',
    duration_s: 'number',
    release_year: 'number',
    energy: 'number',
    key_strength: 'number',
    popularity: 'number',
    explicit: 'number',
    markets: 'text',
    plays: 'number',
  },
  popular: { market: 'text', ordinal: 'number', score: 'number' },
  neighbours: { ordinal: 'number', neighbour: 'number', score: 'number' },
  listeners: {
    listener_id: 'text',
    plays: 'number',
    built_through_ms: 'number',
    market: 'text',
    completion_rate: 'number',
    skip_rate: 'number',
  },
  pools: { ...ordinal, source: 'text', score: 'number' },
  signals: { listener_id: 'text', ...MEAN_COLUMNS },
  signal_artists: { listener_id: 'text', artist_ordinal: 'number', weight: 'number' },
  history: {
    ...ordinal,
    plays: 'number',
    last_index: 'number',
    last_at_ms: 'number',
    gap_mean: 'number',
    gap_median: 'number',
    gap_min: 'number',
    gap_last: 'number',
    skips: 'number',
    completions: 'number',
  },
  history_artists: { listener_id: 'text', artist_ordinal: 'number', last_index: 'number', gap_mean: 'number' },
  heard: { listener_id: 'text', track_id: 'text' },
  contexts: { context_id: 'text', ordinal: 'number' },
} as const satisfies Readonly<Record<string, Readonly<Record<string, ColumnKind>>>>;

export type BuildFile = keyof typeof BUILD_FILES;
export const BUILD_FILE_NAMES = Object.keys(BUILD_FILES) as readonly BuildFile[];

export function parquetName(file: BuildFile): string {
  return `${file}.parquet`;
}
