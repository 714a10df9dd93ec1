/** Writes a synthetic world straight into LMDB, through Segue's own catalogue, row codec and pointer. */
import { CatalogueBuilder } from '../../src/worlds/build-catalogue.js';
import { encodeCatalogue } from '../../src/worlds/catalogue-file.js';
import { catalogueRows } from '../../src/worlds/catalogue-store.js';
import { changeLoad, LoadState } from '../../src/worlds/load/load-record.js';
import { useGeneration } from '../../src/worlds/load/use-generation.js';
import { WORLDS_TABLE } from '../../src/worlds/pointer.js';
import { openLmdbStore } from '../../src/store/lmdb/lmdb-store.js';
import { generationTable, LIVE_TABLES, type GenerationTable } from '../../src/store/tables.js';
import type { RowWrite } from '../../src/store/row-store.js';
import { streamOf } from '../../test/sim/random.js';
import { answerParent } from '../program.js';
import { SYNTHETIC_GENERATION, syntheticTrackId, type WorldShape } from './shape.js';
import { BUILT_THROUGH_MS, listenerRows, neighbourRows, TRACKS_PER_ARTIST } from './synthetic-rows.js';
import type { WriteWorldOptions } from './synthetic-world.js';

const POPULAR = 500;
const SEED = 12;

function catalogueFile({ tracks }: WorldShape, dataFingerprint: string): Uint8Array<ArrayBuffer> {
  const random = streamOf(SEED, 1);
  const builder = new CatalogueBuilder(tracks);
  for (let ordinal = 0; ordinal < tracks; ordinal++) {
    const artistOrdinal = Math.floor(ordinal / TRACKS_PER_ARTIST);
    builder.add({
      id: syntheticTrackId(ordinal),
      artist: `Artist number ${artistOrdinal}`,
      artistOrdinal,
      attributes: {
        ...(ordinal % 7 === 0 ? {} : { tempoBpm: 70 + random.uniform() * 110 }),
        key: ordinal % 12,
        mode: ordinal % 2,
        loudness: -20 + random.uniform() * 15,
        danceability: random.uniform(),
        onsetRate: 1 + random.uniform() * 4,
        dynamicComplexity: 2 + random.uniform() * 4,
        durationS: 150 + random.uniform() * 120,
        releaseYear: 1965 + (ordinal % 60),
        energy: random.uniform(),
        keyStrength: random.uniform(),
        popularity: 1 / Math.sqrt(1 + ordinal),
        explicit: ordinal % 10 === 0 ? 1 : 0,
        logPlays: Math.log1p(tracks - ordinal),
      },
      markets: [],
    });
    const embedding = builder.embeddingOf(ordinal);
    for (let i = 0; i < embedding.length; i += 4) {
      const word = random.next();
      for (let byte = 0; byte < 4; byte++) embedding[i + byte] = word >>> (8 * byte);
    }
  }
  const ordinals = Uint32Array.from({ length: Math.min(POPULAR, tracks) }, (_, i) => i);
  const scores = Float32Array.from(ordinals, (ordinal) => 1 / (1 + ordinal));
  const parts = builder.parts(builder.idTable(), new Map([['', { ordinals, scores }]]));
  return encodeCatalogue(parts, { dataFingerprint, builtThroughMs: BUILT_THROUGH_MS });
}

async function run(
  { dataDir, dataFingerprint, ...shape }: WriteWorldOptions,
  tell: (text: string) => void,
): Promise<void> {
  const store = openLmdbStore({ dataDir });
  for (const table of LIVE_TABLES) await store.createTable(table);
  const write = async (table: GenerationTable, rows: Iterable<RowWrite>): Promise<void> => {
    tell(table);
    const name = generationTable(table, SYNTHETIC_GENERATION);
    await store.createTable(name);
    await store.writeAll(name, rows);
  };
  await write('catalogue', catalogueRows(catalogueFile(shape, dataFingerprint)));
  await write('tracks', neighbourRows(shape));
  await write('contexts', []);
  await write('listeners', listenerRows(shape));
  await store.createTable(WORLDS_TABLE);
  await changeLoad(store, SYNTHETIC_GENERATION, undefined, {
    state: LoadState.READY,
    dataFingerprint,
    builtThroughMs: BigInt(BUILT_THROUGH_MS),
    tracks: shape.tracks,
  });
  await useGeneration(store, SYNTHETIC_GENERATION, BUILT_THROUGH_MS);
  await store.close();
}

answerParent(run);
