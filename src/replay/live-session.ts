/** One listener's row of `sessions` in memory, in the cells that the service stores, for replays that need no store. */
import { create, toBinary } from '@bufbuild/protobuf';
import { EventType, SessionEventSchema } from '../gen/segue/rows/v1/rows_pb.js';
import { SESSION_EVENTS_MAX } from '../listeners/listener.js';
import { EVENT_PREFIX, STARTS } from '../listeners/session-row.js';
import { packStartMarks, startMarks } from '../listeners/start-marks.js';
import type { Row } from '../store/row-store.js';
import type { ReplayClock } from './replay-clock.js';
import type { Play } from './play.js';

interface Kept {
  readonly column: string;
  readonly second: number;
  /** 0 for what is no start. */
  readonly playNumber: number;
}

export class LiveSession {
  private readonly cells = new Map<string, Uint8Array>();
  private readonly kept: Kept[] = [];
  private events = 0;
  private starts = 0;

  constructor(private readonly clock: ReplayClock) {}

  get row(): Row {
    return this.cells;
  }

  /** Records the start of a play. */
  start(play: Play): void {
    this.add(EventType.PLAY_STARTED, play, this.clock.advanceTo(play.atMs), undefined, ++this.starts);
  }

  /** Records how a play ended, not later than `beforeMs`, when the next one starts. */
  end(play: Play, beforeMs: number): void {
    const endMs = Number.isNaN(play.playedMs) ? this.clock.nowMs : play.atMs + play.playedMs;
    const atMs = this.clock.advanceTo(Math.min(endMs, beforeMs));
    const playedMs = Number.isNaN(play.playedMs) ? undefined : Math.round(play.playedMs);
    if (play.outcome === 'completed') this.add(EventType.PLAY_COMPLETED, play, atMs, playedMs, 0);
    if (play.outcome === 'skipped') this.add(EventType.SKIP, play, atMs, playedMs, 0);
    if (play.saved === true) this.add(EventType.SAVE, play, atMs, undefined, 0);
  }

  private add(
    type: EventType,
    { trackId }: Play,
    occurredAtMs: number,
    playedMs: number | undefined,
    playNumber: number,
  ): void {
    const number = ++this.events;
    const column = `${EVENT_PREFIX}${number}`;
    const event = create(SessionEventSchema, {
      type,
      trackId,
      occurredAtMs: BigInt(Math.round(occurredAtMs)),
      playNumber,
      number,
      receivedAtMs: BigInt(Math.round(occurredAtMs)),
    });
    if (playedMs !== undefined) event.playedMs = playedMs;
    this.cells.set(column, toBinary(SessionEventSchema, event));
    this.kept.push({ column, second: Math.floor(occurredAtMs / 1000), playNumber });
    if (this.kept.length > SESSION_EVENTS_MAX) this.dropOldest();
  }

  /** The oldest event leaves; a start is remembered by its mark. Events are recorded in the order of their time. */
  private dropOldest(): void {
    const oldest = this.kept.shift();
    if (oldest === undefined) return;
    this.cells.delete(oldest.column);
    if (oldest.playNumber === 0) return;
    const marks = startMarks(this.cells.get(STARTS));
    this.cells.set(STARTS, packStartMarks([...marks, { second: oldest.second, playNumber: oldest.playNumber }]));
  }
}
