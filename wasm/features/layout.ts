/**
 * Where the features' inputs and outputs lie in memory, in bytes. The service reads every place from the module's exports
 * (`src/features/kernel.ts`), so it is said here alone.
 */

/** Most candidates of a request. */
export const slotsMax: usize = 4096;
/** Most rows of the matrix that one call fills; a multiple of four. */
export const rowsMax: usize = 1024;
/** Features of a row. */
export const width: usize = 41;
/** Bins of `hazardLn` and `frequencyLn`. */
export const gapBins: i32 = 28;

const COLUMN: usize = 4 * slotsMax;

// Numbers of the request: one float32 each, unless it says otherwise.
/** int32: number of the play to come. */
export const now: usize = 0;
export const nowLn: usize = 4;
export const lastGapLn: usize = 8;
export const sessionSkipShare: usize = 12;
export const newTrackShare: usize = 16;
export const startsSinceBuildLn: usize = 20;
/** Of the track that plays now. */
export const playingTempoLog2: usize = 24;
/** Number on the Camelot wheel, and 1 for major or 0 for minor. */
export const playingKeyNumber: usize = 28;
export const playingMode: usize = 32;
export const playingEnergy: usize = 36;
/** Years count from `yearBase`, so that a part of a year keeps its digits. */
export const playingYear: usize = 40;
export const recentLoudness: usize = 44;
export const recentYear: usize = 48;
export const tasteYear: usize = 52;
/** 1 / length of `recentEmbedding`; 0 without one. */
export const recentEmbeddingScale: usize = 56;
/** float32 for each of `tasteAttributes`: the listener's mean, and 1 / deviation. */
export const tasteMeans: usize = 64;
export const tasteScales: usize = 96;
/** 64 int16: the sum of the last tracks' embeddings. */
export const recentEmbedding: usize = 128;
/** float32 a gap bin. */
export const hazardLn: usize = 256;
export const frequencyLn: usize = 384;

// Columns by slot: float32, unless it says otherwise.
/** uint32: the track's number among the records. */
export const tracks: usize = 512;
/** int32: bits of the sources that named the track. */
export const sources: usize = tracks + COLUMN;
/** int32: number of the artist, -1 where none is known. */
export const artists: usize = sources + COLUMN;
export const seedScores: usize = artists + COLUMN;
/** int32: position of the last play, -1 when never played. */
export const last: usize = seedScores + COLUMN;
export const plays: usize = last + COLUMN;
export const gapMean: usize = plays + COLUMN;
export const gapMinimum: usize = gapMean + COLUMN;
export const skips: usize = gapMinimum + COLUMN;
export const completions: usize = skips + COLUMN;
export const sessionStarts: usize = completions + COLUMN;
export const sessionSkips: usize = sessionStarts + COLUMN;
export const sessionCompletions: usize = sessionSkips + COLUMN;
export const frontNear: usize = sessionCompletions + COLUMN;
export const frontWideLn: usize = frontNear + COLUMN;
export const frontNearest: usize = frontWideLn + COLUMN;
/** float32 at `slot * sourceCount + source`. */
export const sourceCount: usize = 5;
export const scores: usize = frontNearest + COLUMN;
export const ranks: usize = scores + sourceCount * COLUMN;

// By number of the artist; the float32 before each is what a track without an artist gets, NaN.
const BEFORE: usize = 16;
export const artistGapLn: usize = ranks + sourceCount * COLUMN + BEFORE;
export const artistShareLn: usize = artistGapLn + COLUMN + BEFORE;
export const artistGapMeanLn: usize = artistShareLn + COLUMN + BEFORE;

/** uint32: the slots of one call, in its order; room for three more, see `padded`. */
export const slots: usize = artistGapMeanLn + COLUMN;
/** float32 a slot of the call. */
export const firstPhaseScores: usize = slots + COLUMN + 16;
/** float32, row-major, `width` a row. */
export const matrix: usize = firstPhaseScores + COLUMN + 16;
export const end: usize = matrix + 4 * width * rowsMax;

// A record of the catalogue: 16 float32 and the embedding; see `src/worlds/attributes.ts`.
export const recordBytes: usize = 128;
export const embeddingAt: usize = 64;
export const tempoBpmAt: usize = 4;
export const keyAt: usize = 8;
export const modeAt: usize = 12;
export const loudnessAt: usize = 16;
export const danceabilityAt: usize = 20;
export const onsetRateAt: usize = 24;
export const dynamicComplexityAt: usize = 28;
export const releaseYearAt: usize = 36;
export const energyAt: usize = 40;
export const popularityAt: usize = 48;
export const logPlaysAt: usize = 60;

export const yearBase: f32 = 1950;

// Bits of `sources`, and numbers of the sources; see `src/features/candidates.ts`.
export const neighboursBit: i32 = 1;
export const poolBit: i32 = 2;
export const contextBit: i32 = 4;
export const organicBits: i32 = 23;
export const popularBit: i32 = 16;
export const neighboursSource: usize = 0;
export const poolSource: usize = 1;
export const popularSource: usize = 4;
