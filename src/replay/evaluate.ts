/**
 * Asks the recommender for the next tracks before each play of a later period, then records the play as the service would, so that
 * the next request sees it.
 */
import type { Cache } from '../cache/cache.js';
import { EventRecorder } from '../listeners/event-recorder.js';
import type { Rankers } from '../ranking/ranker.js';
import { Recommender, type Served } from '../recommend/recommend.js';
import { StoreReads } from '../recommend/store-reads.js';
import { wholeReads } from '../store/row-reads.js';
import type { Level, SurfaceName } from '../recommend/types.js';
import { LEVELS } from '../recommend/types.js';
import type { RowStore } from '../store/row-store.js';
import { ATTRIBUTE } from '../worlds/attributes.js';
import { RECORD_FLOATS, type Worlds } from '../worlds/world.js';
import { AT, QualityMeter, VarietyMeter, type Quality } from './metrics.js';
import { inTurn, type Play, type PlaysByListener, type Turn } from './play.js';
import { PlayEvents } from './play-events.js';
import { requestBefore } from './shortlist-before.js';
import { SplitReads } from './split-reads.js';

/** Milliseconds that a request may take: an evaluation measures what is served, not how fast. */
const BUDGET_MS = 2_000;

export interface EvaluateParts {
  readonly worlds: Worlds;
  /** Holds the rows of the world. */
  readonly store: Pick<RowStore, 'read'>;
  /** Takes the sessions; empty at the start. */
  readonly live: RowStore;
  readonly rankers: Rankers;
  readonly rankerName: string;
  /** One that keeps nothing, so that every request is ranked. */
  readonly cache: Cache;
  readonly monotonicMs: () => number;
  readonly onProgress: (plays: number) => void;
  readonly onCorrupt: (table: string, error: Error) => void;
}

export interface Evaluation extends Quality {
  readonly requests: number;
  /** Share of the requests whose track was among what the ranker scored. */
  readonly recallAtWidth: number;
  readonly coverage: number;
  readonly artistVariety: number;
  readonly levels: Readonly<Record<Level, number>>;
  readonly ranker: string;
  /** Why something was given up, with how often. */
  readonly reasons: ReadonlyMap<string, number>;
}

export async function evaluate(
  plays: PlaysByListener,
  surface: SurfaceName,
  parts: EvaluateParts,
): Promise<Evaluation> {
  const run = new Evaluator(surface, parts);
  try {
    let done = 0;
    for (const turn of inTurn(plays)) {
      await run.take(turn);
      parts.onProgress(++done);
    }
    return run.result();
  } finally {
    await run.close();
  }
}

class Evaluator {
  private readonly quality = new QualityMeter();
  private readonly variety = new VarietyMeter();
  private readonly events = new Map<string, PlayEvents>();
  private readonly reads: StoreReads;
  private readonly recorder: EventRecorder;
  private readonly recommender: Recommender;
  private readonly levels = Object.fromEntries(LEVELS.map((level) => [level, 0])) as Record<Level, number>;
  private readonly reasons = new Map<string, number>();
  private requests = 0;
  private found = 0;
  private ranker = '';
  private nowMs = 0;
  private onServed: (served: Served) => void = ignore;

  constructor(
    private readonly surface: SurfaceName,
    private readonly parts: EvaluateParts,
  ) {
    const { worlds, store, live, rankers, rankerName, cache, monotonicMs, onCorrupt } = parts;
    const clock = { wallMs: () => this.nowMs, monotonicMs };
    this.reads = new StoreReads(wholeReads(new SplitReads(store, live)), { corrupt: onCorrupt });
    this.recorder = new EventRecorder({
      store: live,
      log: { append: () => Promise.resolve(NOT_LOGGED) },
      nowMs: clock.wallMs,
    });
    this.recommender = new Recommender({
      worlds,
      reads: this.reads,
      rankers,
      rankerName,
      cache,
      snapshots: { current: undefined },
      exposures: { offer: () => true },
      observer: {
        served: (served) => {
          this.onServed(served);
        },
        unknownIds: ignore,
        late: ignore,
      },
      clock,
    });
  }

  async take({ play, index }: Turn): Promise<void> {
    const events = await this.eventsOf(play.listenerId);
    const ended = events.before(play);
    this.nowMs = events.nowMs;
    if (ended.length > 0) await this.recorder.record(play.listenerId, ended);
    this.judge(play, await this.ask(play, index));
    await this.recorder.record(play.listenerId, [events.start(play)]);
  }

  result(): Evaluation {
    const { levels, reasons, ranker, requests } = this;
    return {
      ...this.quality.quality(),
      requests,
      recallAtWidth: this.found / Math.max(1, requests),
      coverage: this.variety.coverage(this.parts.worlds.current?.catalogue.count ?? 0),
      artistVariety: this.variety.artistVariety(),
      levels,
      ranker,
      reasons,
    };
  }

  close(): Promise<void> {
    return this.recorder.close();
  }

  private async eventsOf(listenerId: string): Promise<PlayEvents> {
    let events = this.events.get(listenerId);
    if (events === undefined) {
      const pinned = this.parts.worlds.pin();
      const { row } = await this.reads.listener(pinned.world, listenerId, {});
      pinned.release();
      events = new PlayEvents(row?.builtThroughMs ?? 0);
      this.events.set(listenerId, events);
    }
    return events;
  }

  private async ask(play: Play, index: number): Promise<Served> {
    const request = { ...requestBefore(play, index, this.surface), limit: AT, budgetMs: BUDGET_MS };
    const served = new Promise<Served>((resolve) => {
      this.onServed = resolve;
    });
    await this.recommender.recommend(request, { receivedAtMs: this.parts.monotonicMs() });
    return served;
  }

  private judge(play: Play, { response, ranked }: Served): void {
    const { catalogue } = this.parts.worlds.current ?? missingWorld();
    const ids = response.items.map(({ trackId }) => trackId);
    const artistOf = (id: string): number =>
      catalogue.floats[catalogue.ordinalOf(id) * RECORD_FLOATS + ATTRIBUTE.artist];
    const { level, reasons } = response.serving.degradation;
    this.requests++;
    this.levels[level]++;
    for (const { stage, cause, detail } of reasons) {
      const reason = `${stage} ${cause}: ${detail}`;
      this.reasons.set(reason, (this.reasons.get(reason) ?? 0) + 1);
    }
    this.ranker = response.serving.ranker;
    this.quality.add(ids.indexOf(play.trackId));
    this.variety.add(ids, ids.map(artistOf));
    if (ranked.ordinals.includes(catalogue.ordinalOf(play.trackId))) this.found++;
  }
}

/** Nothing of a replay needs to outlive it. */
const NOT_LOGGED = { settle: ignore };

function ignore(): void {
  return;
}

function missingWorld(): never {
  throw new RangeError('there is no current world');
}
