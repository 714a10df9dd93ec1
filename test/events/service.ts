/** Log, store and recorder in a directory: can be ended as by a kill and started again. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SegmentLog } from '../../src/events/segment-log.js';
import { openSegmentLog } from '../../src/events/segment-log.js';
import { decodeSession } from '../../src/listeners/decode-session.js';
import type { DecodedSession } from '../../src/listeners/decode-session.js';
import { EventRecorder } from '../../src/listeners/event-recorder.js';
import { KnownBindings } from '../../src/listeners/known-bindings.js';
import type { RecordDeps, RecordResponse } from '../../src/listeners/record-events.js';
import { recordEvents } from '../../src/listeners/record-events.js';
import type { ReplayReport } from '../../src/listeners/replay.js';
import { replay } from '../../src/listeners/replay.js';
import { repeatsRef, sessionRef } from '../../src/listeners/session-row.js';
import { openLmdbStore } from '../../src/store/lmdb/lmdb-store.js';
import { FaultyFiles } from './faulty-files.js';
import { FaultyStore } from './faulty-store.js';

export const START_MS = Date.UTC(2026, 10, 1, 12);

/** Tracks are `t<ordinal>`. */
export const catalogue = {
  ordinalOf: (trackId: string): number => (/^t\d+$/.test(trackId) ? Number(trackId.slice(1)) : -1),
  artistOrdinalOf: (): number => -1,
};

export interface ClientEvent {
  eventId: string;
  type: string;
  listenerId: string;
  trackId: string;
  occurredAt: string;
  playedMs?: number;
}

export class Service {
  readonly directory = mkdtempSync(join(tmpdir(), 'segue-events-'));
  readonly store = new FaultyStore(openLmdbStore({ dataDir: join(this.directory, 'rows') }));
  files = new FaultyFiles();
  nowMs = START_MS;
  bindings = new KnownBindings();
  /** Whose turn it is to do a piece of a batch: everyone's, at once. */
  inTurn: RecordDeps['inTurn'] = async (piece) => piece();
  private log: SegmentLog | undefined;
  private recorder: EventRecorder | undefined;

  static async create(): Promise<Service> {
    const service = new Service();
    await service.store.createTable('sessions');
    await service.store.createTable('events');
    await service.start();
    return service;
  }

  async start(): Promise<ReplayReport> {
    this.files = new FaultyFiles();
    this.bindings = new KnownBindings();
    this.log = await openSegmentLog({
      directory: this.directory,
      slot: 0,
      nowMs: () => this.nowMs,
      files: this.files,
      checkpointMs: 3_600_000,
    });
    this.recorder = new EventRecorder({
      store: this.store,
      log: this.log,
      nowMs: () => this.nowMs,
      settleMs: 3_600_000,
      bindings: this.bindings,
    });
    return replay(this.log, this.recorder);
  }

  /** Forgets the process where it stands: nothing is closed, written or settled. What it still does is held by a fault. */
  kill(): void {
    this.store.faults = {};
    rmSync(join(this.directory, '0', 'lock'));
  }

  async stop(): Promise<void> {
    await this.recorder?.close();
    await this.log?.close();
  }

  record(events: readonly unknown[]): Promise<RecordResponse> {
    return this.recordBatch({ events });
  }

  recordBatch(batch: unknown): Promise<RecordResponse> {
    if (this.recorder === undefined) throw new Error('not started');
    return this.recordWith(this.recorder, batch);
  }

  /** Another process with the same store: it knows nothing of what this one holds in memory. */
  processBeside(): { record(events: readonly unknown[]): Promise<RecordResponse>; close(): Promise<void> } {
    const { log } = this;
    if (log === undefined) throw new Error('not started');
    const recorder = new EventRecorder({ store: this.store, log, nowMs: () => this.nowMs });
    return { record: (events) => this.recordWith(recorder, { events }), close: () => recorder.close() };
  }

  private recordWith(recorder: EventRecorder, batch: unknown): Promise<RecordResponse> {
    const knowsTrack = (trackId: string): boolean => catalogue.ordinalOf(trackId) >= 0;
    return recordEvents(batch, {
      recorder,
      knowsTrack,
      nowMs: () => this.nowMs,
      inTurn: this.inTurn,
    });
  }

  /** Events that are remembered outside of the session. */
  async remembered(listenerId: string): Promise<number> {
    const [row] = await this.store.read([repeatsRef(listenerId)]);
    return row?.size ?? 0;
  }

  get pendingEvents(): number {
    return this.recorder?.pendingEvents ?? 0;
  }

  settle(): Promise<number> {
    return this.recorder?.settle() ?? Promise.resolve(0);
  }

  async session(listenerId: string, builtThroughMs?: number): Promise<DecodedSession> {
    const [row] = await this.store.read([sessionRef(listenerId)]);
    return decodeSession(row, undefined, catalogue, builtThroughMs);
  }

  /** Ids of all records of the log, in order. */
  logged(): string[] {
    const slot = join(this.directory, '0');
    return readdirSync(slot)
      .filter((name) => name.startsWith('events-'))
      .sort()
      .flatMap((name) => readFileSync(join(slot, name), 'utf8').split('\n').slice(0, -1))
      .map((line) => (JSON.parse(line) as { eventId: string }).eventId);
  }

  async remove(): Promise<void> {
    await this.stop();
    await this.store.close();
    rmSync(this.directory, { recursive: true });
  }
}

/** The `i`-th start of a listener, one a minute. */
export function startOf(i: number, listenerId = 'ann', change: Partial<ClientEvent> = {}): ClientEvent {
  return {
    eventId: `e${i}`,
    type: 'play-started',
    listenerId,
    trackId: `t${i}`,
    occurredAt: new Date(START_MS - 86_400_000 + i * 60_000).toISOString(),
    ...change,
  };
}
