/** tracks.parquet, neighbours.parquet and popular.parquet -> the catalogue file. */
import type { Attribute } from '../attributes.js';
import { CatalogueBuilder, type TrackAttributes } from '../build-catalogue.js';
import { decodeCatalogue, encodeCatalogue } from '../catalogue-file.js';
import { RandomIndex } from '../embedding.js';
import type { PopularList } from '../world.js';
import { buildRefused, type Build } from './build-dir.js';
import { parquetName } from './build-files.js';
import { neighbourGroups, neighboursOf } from './neighbour-rows.js';
import type { ParquetDirectory } from './parquet.js';
import { checkedOrdinals } from './checked.js';

const COLUMN_OF = {
  tempoBpm: 'tempo_bpm',
  key: 'key',
  mode: 'mode',
  loudness: 'loudness',
  danceability: 'danceability',
  onsetRate: 'onset_rate',
  dynamicComplexity: 'dynamic_complexity',
  durationS: 'duration_s',
  releaseYear: 'release_year',
  energy: 'energy',
  keyStrength: 'key_strength',
  popularity: 'popularity',
  explicit: 'explicit',
} as const satisfies Partial<Readonly<Record<Attribute, string>>>;

/** Bytes of UTF-8 that a request can name a track by. */
const TRACK_ID_BYTES_MAX = 64;
const MARKET = /^[A-Z]{2}$/;

/** @param onTrack told after each thousand tracks or so, with how many were read */
export async function readCatalogueTables(
  build: Build,
  parquet: ParquetDirectory,
  onTrack: (read: number) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  const builder = new CatalogueBuilder(build.counts.tracks);
  await readTracks(parquet, builder, onTrack);
  const ids = inFile('tracks', () => builder.idTable());
  const index = new RandomIndex(ids);
  for await (const group of neighbourGroups(parquet)) {
    checkedOrdinals('neighbours', [group.key], ids.count);
    index.embed(neighboursOf(group, ids.count), builder.embeddingOf(group.key));
  }
  const popular = await readPopular(parquet, ids.count);
  const parts = inFile('tracks', () => builder.parts(ids, popular));
  const bytes = encodeCatalogue(parts, build);
  decodeCatalogue(bytes);
  return bytes;
}

async function readTracks(
  parquet: ParquetDirectory,
  builder: CatalogueBuilder,
  onTrack: (read: number) => void,
): Promise<void> {
  let read = 0;
  for await (const columns of parquet.chunks('tracks')) {
    const ordinals = columns.number('ordinal');
    const ids = columns.text('track_id');
    const artists = columns.text('artist');
    const artistOrdinals = columns.number('artist_ordinal');
    const markets = columns.text('markets');
    const plays = columns.number('plays');
    const attributes = Object.entries(COLUMN_OF).map(([name, column]) => [name, columns.number(column)] as const);
    for (let row = 0; row < columns.rowCount; row++) {
      if (ordinals[row] !== read)
        throw buildRefused(parquetName('tracks'), `has ordinal ${ordinals[row]} at row ${read}`);
      const id = checkedId(ids[row], read);
      const values: TrackAttributes = Object.fromEntries(attributes.map(([name, column]) => [name, column[row]]));
      inFile('tracks', () => {
        builder.add({
          id,
          artist: artists[row],
          artistOrdinal: artistOrdinals[row],
          attributes: { ...values, logPlays: Math.log1p(plays[row]) },
          markets: marketsOf(markets[row], id),
        });
      });
      read++;
    }
    onTrack(read);
  }
}

function checkedId(id: string, row: number): string {
  const bytes = Buffer.byteLength(id);
  if (bytes >= 1 && bytes <= TRACK_ID_BYTES_MAX) return id;
  throw buildRefused(
    parquetName('tracks'),
    `has a track_id of ${bytes} bytes at row ${row}, allowed are 1 to ${TRACK_ID_BYTES_MAX}`,
  );
}

function marketsOf(joined: string, id: string): string[] {
  const markets = joined === '' ? [] : joined.split('|');
  const wrong = markets.find((market) => !MARKET.test(market));
  if (wrong !== undefined) {
    throw buildRefused(parquetName('tracks'), `track "${id}" has market "${wrong}", a market is two capital letters`);
  }
  return markets;
}

async function readPopular(parquet: ParquetDirectory, count: number): Promise<Map<string, PopularList>> {
  const collected = new Map<string, { ordinals: number[]; scores: number[] }>();
  for await (const columns of parquet.chunks('popular')) {
    const markets = columns.text('market');
    const ordinals = checkedOrdinals('popular', columns.number('ordinal'), count);
    const scores = columns.number('score');
    for (let row = 0; row < columns.rowCount; row++) {
      const list = collected.get(markets[row]) ?? { ordinals: [], scores: [] };
      list.ordinals.push(ordinals[row]);
      list.scores.push(scores[row]);
      collected.set(markets[row], list);
    }
  }
  if (!collected.has('')) throw buildRefused(parquetName('popular'), "has no rows of market '', which is everywhere");
  const lists = [...collected].map(
    ([market, { ordinals, scores }]) =>
      [market, { ordinals: Uint32Array.from(ordinals), scores: Float32Array.from(scores) }] as const,
  );
  return new Map(lists);
}

/** Names the file in what the builder refuses. */
function inFile<T>(file: 'tracks', run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof RangeError) throw buildRefused(parquetName(file), error.message);
    throw error;
  }
}
