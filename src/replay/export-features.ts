/** Replays plays and writes what the ranker would have seen before each of them: the examples that rankers are trained on. */
import { writeFile, rename, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as otherWork } from 'node:timers/promises';
import { SegueError } from '../errors.js';
import { FEATURE_NAMES, REGISTRY_FINGERPRINT } from '../features/registry.js';
import { decodeListenerRow } from '../listeners/listener-row.js';
import type { ListenerRow } from '../listeners/listener.js';
import type { Reads } from '../recommend/reads.js';
import { featureMatrix, type Shortlist } from '../recommend/stages/rank.js';
import { listenerOf } from '../recommend/store-reads.js';
import type { SurfaceName } from '../recommend/types.js';
import type { RowStore } from '../store/row-store.js';
import { generationTable, rowKey } from '../store/tables.js';
import type { World } from '../worlds/world.js';
import { placeOf, sampleOf, uniformAt } from './chance.js';
import { ExamplesFiles, type Outcomes } from './examples-files.js';
import { LiveSession } from './live-session.js';
import { PlayEvents } from './play-events.js';
import { inTurn, type Play, type PlaysByListener } from './play.js';
import { shortlistBefore } from './shortlist-before.js';

/** Plays between two turns of the event loop, which draws the progress and hears signals. */
const PLAYS_AT_ONCE = 64;

export const EXPORT_FILE = 'export.json';

export interface ExportOptions {
  readonly surface: SurfaceName;
  /** Candidates that the ranker sees. */
  readonly width: number;
  /** Candidates beside the played one in a group. */
  readonly negatives: number;
  /** Plays that become groups at most; the others only move the session. */
  readonly plays: number;
  /** Share of the listeners whose plays become groups, in (0, 1]. */
  readonly listeners: number;
  readonly seed: number;
}

export interface ExportParts {
  readonly world: World;
  readonly store: Pick<RowStore, 'read'>;
  readonly reads: Pick<Reads, 'related'>;
  /** Told how many plays were replayed. */
  readonly onProgress: (plays: number) => void;
}

/** What an export says of itself, in `export.json` beside the examples. */
export interface ExportSummary {
  readonly format: 1;
  readonly featureNames: readonly string[];
  readonly registryFingerprint: string;
  /** Of the world that the rows came from. */
  readonly dataFingerprint: string;
  readonly surface: SurfaceName;
  readonly width: number;
  readonly negatives: number;
  readonly seed: number;
  /** Of the replayed plays. */
  readonly window: { readonly firstMs: number; readonly lastMs: number };
  readonly groups: number;
  /** Plays that made no group: retrieval, or the first phase within the width, did not find the track. */
  readonly skippedNotRetrieved: number;
  readonly skippedUnknownTrack: number;
  /** Share of the examined plays whose track was among the candidates that the ranker sees. */
  readonly recallAtWidth: number;
}

/** Writes `examples-<n>.parquet` and, last, `export.json` into a directory. @throws SegueError where a row is later than a play */
export async function exportFeatures(
  plays: PlaysByListener,
  directory: string,
  parts: ExportParts,
  options: ExportOptions,
): Promise<ExportSummary> {
  await mkdir(directory, { recursive: true });
  const file = await ExamplesFiles.create(directory, FEATURE_NAMES);
  try {
    const exporter = new Exporter(plays, file, parts, options);
    for (const [listenerId, own] of plays) await exporter.addListener(listenerId, own);
    const summary = exporter.summary();
    await file.finish();
    const path = join(directory, EXPORT_FILE);
    await writeFile(`${path}.part`, `${JSON.stringify(summary, null, 2)}\n`);
    await rename(`${path}.part`, path);
    return summary;
  } catch (error) {
    file.close();
    throw error;
  }
}

class Exporter {
  private readonly turns: Map<Play, number>;
  private groups = 0;
  private notRetrieved = 0;
  private unknownTracks = 0;
  private replayed = 0;

  constructor(
    private readonly plays: PlaysByListener,
    private readonly file: ExamplesFiles,
    private readonly parts: ExportParts,
    private readonly options: ExportOptions,
  ) {
    this.turns = chosenTurns(plays, options);
  }

  /** Replays one listener's plays; memory holds one listener at a time. */
  async addListener(listenerId: string, plays: readonly Play[]): Promise<void> {
    const { world, store, onProgress } = this.parts;
    const ref = { table: generationTable('listeners', world.generation), key: rowKey(listenerId) };
    const [stored] = await store.read([ref]);
    const row = stored === undefined ? undefined : decodeListenerRow(stored, world.catalogue);
    refuseLaterRow(listenerId, row, plays);

    const events = new PlayEvents(row?.builtThroughMs ?? 0);
    const session = new LiveSession();
    const last = plays.findLastIndex((play) => this.turns.has(play));
    for (const [index, play] of plays.entries()) {
      onProgress(++this.replayed);
      if (index > last) continue;
      session.record(events.before(play), events.nowMs);
      const turn = this.turns.get(play);
      if (turn !== undefined) {
        const listener = listenerOf(listenerId, row, session.row, world);
        const replayed = { ...this.options, ...this.parts };
        await this.addPlay(play, turn, await shortlistBefore(play, index, events.nowMs, listener, replayed));
      }
      session.record([events.start(play)], events.nowMs);
      if (this.replayed % PLAYS_AT_ONCE === 0) await otherWork();
    }
  }

  summary(): ExportSummary {
    const { surface, width, negatives, seed } = this.options;
    const examined = this.groups + this.notRetrieved + this.unknownTracks;
    return {
      format: 1,
      featureNames: FEATURE_NAMES,
      registryFingerprint: REGISTRY_FINGERPRINT,
      dataFingerprint: this.parts.world.dataFingerprint,
      surface,
      width,
      negatives,
      seed,
      window: windowOf(this.plays),
      groups: this.groups,
      skippedNotRetrieved: this.notRetrieved,
      skippedUnknownTrack: this.unknownTracks,
      recallAtWidth: examined === 0 ? 0 : this.groups / examined,
    };
  }

  private async addPlay(play: Play, turn: number, list: Shortlist): Promise<void> {
    const ordinal = this.parts.world.catalogue.ordinalOf(play.trackId);
    if (ordinal < 0) {
      this.unknownTracks++;
      return;
    }
    const { ordinals } = list.frame.input.candidates;
    const played = list.slots.findIndex((slot) => ordinals[slot] === ordinal);
    if (played < 0) {
      this.notRetrieved++;
      return;
    }
    const slots = groupOf(list.slots, played, this.options.negatives, this.options.seed ^ placeOf(`${turn}`));
    await this.file.addGroup(turn, featureMatrix({ ...list, slots }, FEATURE_NAMES), 0, outcomesOf(play));
    this.groups++;
  }
}

/** The played track first, then so many of the others. */
function groupOf(slots: Uint32Array, played: number, negatives: number, seed: number): Uint32Array {
  const others = slots.filter((_slot, i) => i !== played);
  const sampled = sampleOf(others.length, negatives, seed).map((i) => others[i] ?? 0);
  const group = new Uint32Array(sampled.length + 1);
  group[0] = slots[played] ?? 0;
  group.set(sampled, 1);
  return group;
}

/** The plays that become groups, with their places in time. */
function chosenTurns(plays: PlaysByListener, { plays: wanted, listeners, seed }: ExportOptions): Map<Play, number> {
  const turns = inTurn(plays).filter(({ play }) => uniformAt(seed, placeOf(play.listenerId)) < listeners);
  const chosen = [...sampleOf(turns.length, wanted, seed)].sort((a, b) => a - b);
  return new Map(chosen.flatMap((i) => turns.slice(i, i + 1).map(({ play, turn }) => [play, turn] as const)));
}

/** A row that already knows the play would tell the ranker what is to come. */
function refuseLaterRow(listenerId: string, row: ListenerRow | undefined, plays: readonly Play[]): void {
  const laterMs = row?.builtThroughMs ?? -Infinity;
  for (const { trackId, atMs } of plays) {
    if (atMs >= laterMs) continue;
    throw new SegueError(
      'SEGUE_INVALID_ARGUMENT',
      `listener ${listenerId}: the row was built through ${time(laterMs)}, later than the play of ${trackId} at ` +
        `${time(atMs)}; load a world built with --as-of before the plays to export`,
      'plays',
    );
  }
}

function time(atMs: number): string {
  return new Date(atMs).toISOString();
}

function outcomesOf({ outcome, saved }: Play): Outcomes {
  const known = outcome !== '';
  return {
    complete: known ? Number(outcome === 'completed') : NaN,
    skip: known ? Number(outcome === 'skipped') : NaN,
    save: saved === undefined ? NaN : Number(saved),
  };
}

function windowOf(plays: PlaysByListener): ExportSummary['window'] {
  let firstMs = Infinity;
  let lastMs = -Infinity;
  for (const own of plays.values()) {
    for (const { atMs } of own) {
      firstMs = Math.min(firstMs, atMs);
      lastMs = Math.max(lastMs, atMs);
    }
  }
  return { firstMs, lastMs };
}
