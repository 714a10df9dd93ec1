/**
 * The hot loops of scoring: features and the first phase, four candidates at a time by WebAssembly (`wasm/features`). The kernel of a
 * catalogue works in the catalogue's own memory; catalogues in plain memory, of tests or over 4 GiB, share one into which the records
 * of a request's candidates are copied.
 */
import { layout, wasm } from '../gen/wasm/features.js';
import { EMBEDDING_SIZE } from '../worlds/attributes.js';
import { SCRATCH_BYTES, vectorMemory, vectorMemoryOf } from '../worlds/vector-memory.js';
import { RECORD_BYTES, RECORD_FLOATS, type Catalogue } from '../worlds/world.js';
import type { Candidates } from './candidates.js';
import { GAP_BINS } from './gap-bins.js';
import { WINDOW_PLAYS } from './play-window.js';

/** Most candidates of a request. */
export const SLOTS_MAX = layout.slotsMax;
/** Rows of the matrix that are filled at once. */
const ROWS_MAX = layout.rowsMax;
/** Features of a row. */
export const KERNEL_WIDTH = layout.width;

if (layout.end > SCRATCH_BYTES) throw new RangeError('the arrays of a request do not fit the scratch memory');
if (layout.gapBins !== GAP_BINS || layout.recordBytes !== RECORD_BYTES) {
  throw new RangeError('wasm/features was written for another layout of the catalogue');
}

/** Numbers of a request that the features look at; see `wasm/features/layout.ts`. */
export type RequestNumber =
  | 'nowLn'
  | 'lastGapLn'
  | 'sessionSkipShare'
  | 'newTrackShare'
  | 'startsSinceBuildLn'
  | 'playingTempoLog2'
  | 'playingKeyNumber'
  | 'playingMode'
  | 'playingEnergy'
  | 'playingYear'
  | 'recentLoudness'
  | 'recentYear'
  | 'tasteYear'
  | 'recentEmbeddingScale';

/** What years are counted from where they are given to the kernel. */
export const YEAR_BASE = layout.yearBase;

type Run = (count: number, records: number) => void;

/** Of one request at a time: whoever fills it uses it within the same turn of the event loop. */
export class FeatureKernel {
  /** By slot: position of the last play; -1 when never played. */
  readonly last: Int32Array;
  /** By slot: plays ever, by this listener. */
  readonly plays: Float32Array;
  /** By slot: mean and least gap between two plays; NaN when played once at most. */
  readonly gapMean: Float32Array;
  readonly gapMinimum: Float32Array;
  readonly skips: Float32Array;
  readonly completions: Float32Array;
  readonly sessionStarts: Float32Array;
  readonly sessionSkips: Float32Array;
  readonly sessionCompletions: Float32Array;
  /** By slot: see `rotation.ts`; NaN when never played. */
  readonly frontNear: Float32Array;
  readonly frontWideLn: Float32Array;
  readonly frontNearest: Float32Array;
  /** By artist of the candidates, ln of: plays since the last one of the artist, share of the listener's plays, mean gap; NaN when not known. */
  readonly artistGapLn: Float32Array;
  readonly artistShareLn: Float32Array;
  readonly artistGapMeanLn: Float32Array;
  /** By artist: position of the last play, -1 when not known. */
  readonly artistLast = new Int32Array(SLOTS_MAX);
  /** By gap bin. */
  readonly hazardLn: Float32Array;
  readonly frequencyLn: Float32Array;
  /** By attribute of taste, in the order of `TASTE_ATTRIBUTES`: the listener's mean, and 1 / deviation. */
  readonly tasteMeans: Float32Array;
  readonly tasteScales: Float32Array;
  /** Sum of the last tracks' embeddings. */
  readonly recentEmbedding: Int16Array;
  /** Of the listener's last plays. */
  readonly window = { ordinals: new Int32Array(WINDOW_PLAYS), previous: new Float64Array(WINDOW_PLAYS) };
  readonly endedGaps = new Float32Array(GAP_BINS);
  readonly openGaps = new Float32Array(GAP_BINS);
  private readonly words: Int32Array;
  private readonly floats: Float32Array;
  /** By slot: the track's number among the records. */
  protected readonly tracks: Uint32Array;
  private readonly sources: Int32Array;
  private readonly artists: Int32Array;
  private readonly seedScores: Float32Array;
  private readonly scores: Float32Array;
  private readonly ranks: Float32Array;
  private readonly slots: Uint32Array;
  private readonly firstPhaseScores: Float32Array;
  private readonly matrix: Float32Array;
  private readonly runFirstPhase: Run;
  private readonly runFeatures: Run;

  /**
   * @param filled the request that filled the memory last
   * @param records address of the record of track 0
   */
  constructor(
    memory: WebAssembly.Memory,
    private readonly filled: { by: object | undefined },
    private readonly records: number,
  ) {
    const { exports } = new WebAssembly.Instance(compiled(), { env: { memory } });
    this.runFirstPhase = exports.firstPhase as Run;
    this.runFeatures = exports.features as Run;
    const { buffer } = memory;
    const floats = (at: number, length: number = SLOTS_MAX): Float32Array => new Float32Array(buffer, at, length);
    const words = (at: number): Int32Array => new Int32Array(buffer, at, SLOTS_MAX);
    this.words = words(0);
    this.floats = floats(0);
    this.tracks = new Uint32Array(buffer, layout.tracks, SLOTS_MAX);
    this.sources = words(layout.sources);
    this.artists = words(layout.artists);
    this.seedScores = floats(layout.seedScores);
    this.scores = floats(layout.scores, layout.sourceCount * SLOTS_MAX);
    this.ranks = floats(layout.ranks, layout.sourceCount * SLOTS_MAX);
    this.last = words(layout.last);
    this.plays = floats(layout.plays);
    this.gapMean = floats(layout.gapMean);
    this.gapMinimum = floats(layout.gapMinimum);
    this.skips = floats(layout.skips);
    this.completions = floats(layout.completions);
    this.sessionStarts = floats(layout.sessionStarts);
    this.sessionSkips = floats(layout.sessionSkips);
    this.sessionCompletions = floats(layout.sessionCompletions);
    this.frontNear = floats(layout.frontNear);
    this.frontWideLn = floats(layout.frontWideLn);
    this.frontNearest = floats(layout.frontNearest);
    this.artistGapLn = byArtist(buffer, layout.artistGapLn);
    this.artistShareLn = byArtist(buffer, layout.artistShareLn);
    this.artistGapMeanLn = byArtist(buffer, layout.artistGapMeanLn);
    this.hazardLn = floats(layout.hazardLn, GAP_BINS);
    this.frequencyLn = floats(layout.frequencyLn, GAP_BINS);
    this.tasteMeans = floats(layout.tasteMeans, TASTE_MAX);
    this.tasteScales = floats(layout.tasteScales, TASTE_MAX);
    this.recentEmbedding = new Int16Array(buffer, layout.recentEmbedding, EMBEDDING_SIZE);
    this.slots = new Uint32Array(buffer, layout.slots, SLOTS_MAX);
    this.firstPhaseScores = floats(layout.firstPhaseScores);
    this.matrix = floats(layout.matrix, ROWS_MAX * KERNEL_WIDTH);
  }

  /**
   * Takes the candidates of a request in; what it held of another is gone.
   *
   * @param owner asks for scores later
   * @throws RangeError for more candidates than `SLOTS_MAX`
   */
  begin(owner: object, candidates: Candidates): void {
    const { count, ordinals, sources, artists, seedScores, scores, ranks } = candidates;
    if (count > SLOTS_MAX) throw new RangeError(`given ${count} candidates; allowed: at most ${SLOTS_MAX}`);
    this.filled.by = owner;
    this.takeTracks(ordinals, count);
    this.sources.set(sources.subarray(0, count));
    this.artists.set(artists.subarray(0, count));
    this.seedScores.set(seedScores.subarray(0, count));
    this.scores.set(scores.subarray(0, count * layout.sourceCount));
    this.ranks.set(ranks.subarray(0, count * layout.sourceCount));
  }

  /** Where the records lie in the kernel's memory. */
  protected takeTracks(ordinals: Uint32Array, count: number): void {
    this.tracks.set(ordinals.subarray(0, count));
  }

  set(name: RequestNumber, value: number): void {
    this.floats[layout[name] >> 2] = value;
  }

  /** Number of the play to come. */
  setNow(now: number): void {
    this.words[layout.now >> 2] = now;
  }

  /** Writes the first-phase score of each slot. @throws Error where another request filled the kernel meanwhile */
  firstPhase(owner: object, slots: Uint32Array, out: Float32Array): void {
    this.requireFilledBy(owner);
    if (slots.length === 0) return;
    this.slots.set(slots);
    this.runFirstPhase(slots.length, this.records);
    out.set(this.firstPhaseScores.subarray(0, slots.length));
  }

  /** Writes a row of features for each slot, in the registry's order. @throws Error where another request filled the kernel meanwhile */
  features(owner: object, slots: Uint32Array, out: Float32Array): void {
    this.requireFilledBy(owner);
    for (let from = 0; from < slots.length; from += ROWS_MAX) {
      const part = slots.subarray(from, from + ROWS_MAX);
      this.slots.set(part);
      this.runFeatures(part.length, this.records);
      out.set(this.matrix.subarray(0, part.length * KERNEL_WIDTH), from * KERNEL_WIDTH);
    }
  }

  private requireFilledBy(owner: object): void {
    if (this.filled.by !== owner) throw new Error('the kernel was filled by another request meanwhile');
  }
}

/** Attributes of taste that there is room for. */
const TASTE_MAX = 8;

/** A column by artist: before its first entry lies what a track without an artist gets. */
function byArtist(buffer: ArrayBuffer, at: number): Float32Array {
  new Float32Array(buffer, at - 4, 1)[0] = NaN;
  return new Float32Array(buffer, at, SLOTS_MAX);
}

let module: WebAssembly.Module | undefined;

/** @throws Error on a processor without 128-bit vectors (SSE 4.1, or any of 64-bit ARM) */
function compiled(): WebAssembly.Module {
  if (module === undefined) {
    if (!WebAssembly.validate(wasm)) throw new Error('Segue needs a processor with SSE 4.1, or a 64-bit ARM one');
    module = new WebAssembly.Module(wasm);
  }
  return module;
}

const kernels = new WeakMap<object, FeatureKernel>();

/** One a catalogue and process. */
export function kernelOf(catalogue: Catalogue): FeatureKernel {
  let kernel = kernels.get(catalogue);
  if (kernel === undefined) {
    kernel = inPlace(catalogue) ?? new CopyingKernel(catalogue);
    kernels.set(catalogue, kernel);
  }
  return kernel;
}

/** Undefined where the catalogue lies in plain memory. */
function inPlace(catalogue: Catalogue): FeatureKernel | undefined {
  const { bytes } = catalogue;
  const memory = vectorMemoryOf(bytes.buffer);
  return memory && new FeatureKernel(memory, { by: undefined }, bytes.byteOffset);
}

const COPIED_RECORDS_AT = SCRATCH_BYTES;
const COPIED_BYTES = SLOTS_MAX * RECORD_BYTES;

let copyMemory: WebAssembly.Memory | undefined;
const copyMemoryFilled: { by: object | undefined } = { by: undefined };

function memoryForCopies(): WebAssembly.Memory {
  copyMemory ??= vectorMemoryOf(vectorMemory(COPIED_BYTES).buffer);
  if (copyMemory === undefined) throw new Error('the system has no room for the memory that scoring works in');
  return copyMemory;
}

/** Works on copies of the candidates' records. All of them share one memory, as each belongs to one turn of the event loop. */
class CopyingKernel extends FeatureKernel {
  private readonly copiedRecords: Float32Array;

  constructor(private readonly catalogue: Catalogue) {
    const memory = memoryForCopies();
    super(memory, copyMemoryFilled, COPIED_RECORDS_AT);
    this.copiedRecords = new Float32Array(memory.buffer, COPIED_RECORDS_AT, SLOTS_MAX * RECORD_FLOATS);
  }

  protected override takeTracks(ordinals: Uint32Array, count: number): void {
    const { floats } = this.catalogue;
    for (let slot = 0; slot < count; slot++) {
      const record = ordinals[slot] * RECORD_FLOATS;
      this.copiedRecords.set(floats.subarray(record, record + RECORD_FLOATS), slot * RECORD_FLOATS);
      this.tracks[slot] = slot;
    }
  }
}
