/** The columns that `segue build` reads of its two sources, and what their values may be. */

export type ColumnKind =
  /** At most 64 bytes without control characters. */
  | { readonly of: 'id' }
  | { readonly of: 'text' }
  | { readonly of: 'time' }
  | { readonly of: 'number'; readonly least: number; readonly most: number }
  | { readonly of: 'whole'; readonly least: number; readonly most: number }
  | { readonly of: 'flag' }
  | { readonly of: 'choice'; readonly allowed: readonly string[] }
  /** Market codes separated by `|`. */
  | { readonly of: 'markets' };

export interface Column {
  readonly name: string;
  readonly kind: ColumnKind;
  /** The file must have the column. */
  readonly required: boolean;
  /** A row may leave it empty. */
  readonly empty: boolean;
}

export interface SourceColumns {
  readonly name: 'plays' | 'tracks';
  readonly columns: readonly Column[];
  /** Columns that name a row; null where one is absent from the file. */
  readonly key: readonly string[];
}

const ID: ColumnKind = { of: 'id' };
const FLAG: ColumnKind = { of: 'flag' };
const number = (least: number, most: number): ColumnKind => ({ of: 'number', least, most });
const whole = (least: number, most: number): ColumnKind => ({ of: 'whole', least, most });

const required = (name: string, kind: ColumnKind): Column => ({ name, kind, required: true, empty: false });
const optional = (name: string, kind: ColumnKind): Column => ({ name, kind, required: false, empty: true });

export const TRACKS: SourceColumns = {
  name: 'tracks',
  key: ['track_id'],
  columns: [
    required('track_id', ID),
    { name: 'title', kind: { of: 'text' }, required: true, empty: true },
    { name: 'artist', kind: { of: 'text' }, required: true, empty: true },
    // Catalogues write 0 for an unknown year: what is no year of a recording becomes null in the models.
    optional('release_year', whole(0, 9999)),
    optional('duration_s', number(0, 86_400)),
    optional('tempo_bpm', number(1, 1000)),
    optional('key', whole(0, 11)),
    optional('mode', whole(0, 1)),
    optional('key_strength', number(-1000, 1000)),
    optional('loudness', number(-1000, 1000)),
    optional('dynamic_complexity', number(0, 1000)),
    optional('danceability', number(0, 1000)),
    optional('onset_rate', number(0, 1000)),
    optional('energy', number(0, 1)),
    optional('explicit', FLAG),
    optional('markets', { of: 'markets' }),
  ],
};

export const PLAYS: SourceColumns = {
  name: 'plays',
  key: ['listener_id', 'seq'],
  columns: [
    required('listener_id', ID),
    required('track_id', ID),
    required('played_at', { of: 'time' }),
    // In a file that has the column, each row needs it: half an order is none.
    { name: 'seq', kind: whole(0, Number.MAX_SAFE_INTEGER), required: false, empty: false },
    optional('market', ID),
    optional('session_id', ID),
    optional('context_id', ID),
    optional('played_ms', whole(0, 604_800_000)),
    optional('outcome', { of: 'choice', allowed: ['completed', 'skipped'] }),
    optional('saved', FLAG),
  ],
};
