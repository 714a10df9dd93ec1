/**
 * The way of a request:
 *
 *   admit -> assign -> listen -> [ retrieve -> filter -> rank ] -> sequence -> blend -> respond, and expose after the response.
 *
 * A fresh list in the cache stands for the stages in brackets. What cannot be had in time is given up and named; the answer is
 * then the best that `level.ts` knows for what did arrive.
 */
import type { Cache } from '../cache/cache.js';
import type { EventLog } from '../events/event-log.js';
import { boundListener } from '../listeners/known-bindings.js';
import type { Listener } from '../listeners/listener.js';
import { eligible, type PromotionSnapshots, type PromotionView } from '../promotion/snapshot.js';
import type { Rankers } from '../ranking/ranker.js';
import type { World, Worlds } from '../worlds/world.js';
import { budgetOf, FLOOR_MS, type Budget } from './budget.js';
import { causeOf } from './cause.js';
import {
  cacheKeyOf,
  encodeLastList,
  fingerprintOf,
  isFresh,
  KEPT_SECONDS,
  readLastList,
  type LastList,
} from './last-list.js';
import { levelOf } from './level.js';
import { Patience } from './patience.js';
import { rankCandidates } from './rank-candidates.js';
import { RankWidth } from './rank-width.js';
import type { Ranking } from './ranking.js';
import { ReadySlates } from './ready-slates.js';
import type { Reads } from './reads.js';
import { roundedMs } from './rounded.js';
import { runStage, runWaitingStage, StageNeeds, StageTrace, within } from './stage.js';
import type { Assigned, Listened, RankedList } from './state.js';
import { admit, seedOf } from './stages/admit.js';
import { assign } from './stages/assign.js';
import { blend } from './stages/blend.js';
import { exposureOf } from './stages/expose.js';
import { filter } from './stages/filter.js';
import { listened } from './stages/listen.js';
import { filterList, popularCandidates, popularList, relaxed } from './fallback.js';
import { FIRST_PHASE } from './stages/rank.js';
import { retrieve, type RetrievedRows } from './stages/retrieve.js';
import { itemsOf } from './stages/respond.js';
import { sequence } from './stages/sequence.js';
import { SURFACE } from './surfaces.js';
import type { Cuts, Item, Level, RecommendRequest, RecommendResponse, Shed, StageName } from './types.js';
import { Workspaces } from './workspaces.js';

export interface RecommendParts {
  readonly worlds: Worlds;
  readonly reads: Reads;
  readonly rankers: Rankers;
  /** Name of the ranker bundle that variants start from. */
  readonly rankerName: string;
  readonly cache: Cache;
  readonly snapshots: Pick<PromotionSnapshots, 'current'>;
  readonly exposures: Pick<EventLog, 'offer'>;
  readonly observer: RecommendObserver;
  readonly clock: Clock;
}

export interface Clock {
  /** Wall clock, epoch milliseconds. */
  readonly wallMs: () => number;
  /** Monotonic, milliseconds. */
  readonly monotonicMs: () => number;
}

export interface RecommendObserver {
  /** After the response, outside of its time. */
  served(served: Served): void;
  unknownIds(count: number): void;
  /** A result arrived after the stage had given it up, and was discarded. */
  late(stage: StageName): void;
}

export interface Served {
  readonly request: RecommendRequest;
  readonly call: Call;
  readonly response: RecommendResponse;
  readonly trace: StageTrace;
  /** All that was ranked, of which the slate is the best part. */
  readonly ranked: RankedList;
}

/** When the request arrived and when its client stops waiting, on the monotonic clock. */
export interface Call extends Cuts {
  readonly receivedAtMs: number;
  readonly deadlineMs?: number | undefined;
  /** Aborted when the client went away. */
  readonly signal?: AbortSignal;
  /** W3C `traceparent` of the client, unchecked. */
  readonly traceparent?: string | undefined;
}

interface Asked {
  readonly request: RecommendRequest;
  readonly call: Call;
  readonly trace: StageTrace;
  readonly budget: Budget;
  readonly nowMs: number;
}

/** What is left of a ranking for the answer and after it. */
type Kept = Pick<Ranking, 'ranked' | 'level' | 'cache' | 'removed' | 'keepAs' | 'context' | 'candidates'>;

interface Heard {
  readonly state: Listened;
  readonly arrived: boolean;
  readonly last: LastList | undefined;
}

const NO_ROWS: RetrievedRows = { neighbours: [], context: undefined };

/** Of a client that cannot go away. */
const NEVER = new AbortController().signal;
/** Of an answer that was ready before it was asked for. */
const READY: Kept = {
  ranked: {
    ordinals: new Uint32Array(0),
    scores: new Float32Array(0),
    utilities: new Float32Array(0),
    sources: new Uint8Array(0),
    ranker: 'popular',
  },
  level: 'popular',
  cache: 'off',
  removed: [],
  keepAs: undefined,
  context: new Uint32Array(0),
  candidates: undefined,
};

export class Recommender {
  private readonly needs = new StageNeeds();
  private readonly workspaces = new Workspaces();
  private readonly width = new RankWidth();
  private readonly late: Readonly<Record<'listen' | 'retrieve' | 'rank', () => void>>;
  private readonly patience = { listen: new Patience(), retrieve: new Patience() };
  private readonly readySlates = new ReadySlates();

  constructor(private readonly parts: RecommendParts) {
    const { observer } = parts;
    const count = (stage: StageName) => (): void => {
      observer.late(stage);
    };
    this.late = { listen: count('listen'), retrieve: count('retrieve'), rank: count('rank') };
  }

  /** Answers in time and, where the catalogue has any admissible track, with a non-empty slate. Throws SEGUE_UNAVAILABLE before the first world is loaded. */
  async recommend(request: RecommendRequest, call: Call): Promise<RecommendResponse> {
    const budget = budgetOf(call.receivedAtMs, SURFACE[request.surface], request.budgetMs, call.deadlineMs);
    const trace = new StageTrace(call.receivedAtMs, budget.deadlineMs, this.parts.clock.monotonicMs);
    const pinned = this.parts.worlds.pin();
    const shed = call.shed ?? shedBelowFloor(budget);
    try {
      return await this.answer(request, shed === undefined ? call : { ...call, shed }, pinned.world, budget, trace);
    } finally {
      pinned.release();
    }
  }

  private async answer(
    request: RecommendRequest,
    call: Call,
    world: World,
    budget: Budget,
    trace: StageTrace,
  ): Promise<RecommendResponse> {
    const { parts, needs } = this;
    // The only one of the request. Whatever is given up ends by its own time limit.
    const signal = call.signal ?? NEVER;
    const nowMs = parts.clock.wallMs();

    const admitted = runStage(trace, 'admit', () => admit(request, world, nowMs));
    trace.count('admit', 1, 1);
    const assigned = runStage(trace, 'assign', () => assign(admitted, parts.rankerName));
    trace.count('assign', 1, 1);
    if (call.shed !== undefined) {
      trace.giveUp('admit', call.shed.cause, call.shed.detail);
      const items = runStage(trace, 'respond', () =>
        this.readySlates.itemsFor(assigned, parts.reads.bindings(request.listenerId)),
      );
      if (items !== undefined) return this.respond({ request, call, trace, budget, nowMs }, assigned, READY, items);
    }
    const heard =
      call.shed === undefined
        ? await runWaitingStage(trace, needs, 'listen', (ms) => this.listen(assigned, ms, trace, signal))
        : this.unheard(assigned);
    const ranking = (await this.rankingOf(heard, call.widthShare ?? 1, trace, signal)) ?? this.fallBack(heard, trace);

    const { state, ranked, promotions } = ranking;
    const limit = request.limit ?? state.surface.limitDefault;
    const sequenced = runStage(trace, 'sequence', () =>
      sequence({
        ranked,
        catalogue: world.catalogue,
        policy: state.surface.sequence,
        weights: state.variant.parameters.sequence,
        playing: state.recents[0],
        limit,
        seed: state.seed,
        contextLength: ranking.context.length,
        explain: request.explain,
      }),
    );
    trace.count('sequence', ranked.ordinals.length, sequenced.order.length);
    const placed = runStage(trace, 'blend', () =>
      blend({ ranked, sequenced, promotions, policy: state.surface.blend, world, limit }),
    );
    trace.count('blend', sequenced.order.length, placed.length);
    const items = runStage(trace, 'respond', () => itemsOf({ world, placed, sequenced, ...ranking }));
    trace.count('respond', placed.length, items.length);

    return this.respond({ request, call, trace, budget, nowMs }, state, ranking, items);
  }

  /** The answer; what follows from it is done after it. */
  private respond(
    { request, call, trace, budget, nowMs }: Asked,
    { variant, world }: Assigned,
    ranking: Kept,
    items: Item[],
  ): RecommendResponse {
    const { ranked } = ranking;
    const response: RecommendResponse = {
      requestId: request.requestId,
      items,
      serving: {
        variant: variant.name,
        ranker: ranked.ranker,
        generation: world.generation,
        degradation: { level: ranking.level, reasons: trace.reasons },
        cache: ranking.cache,
        budgetMs: budget.totalMs,
        elapsedMs: roundedMs(this.parts.clock.monotonicMs() - trace.receivedAtMs),
        stages: trace.report(),
      },
      ...(request.explain ? { explanation: { filters: ranking.removed } } : {}),
    };
    setImmediate(() => {
      this.afterwards({ request, call, response, trace, ranked }, ranking, nowMs);
    });
    return response;
  }

  /** Without a read: the listener as far as the request and what is known to bind tell of them. */
  private unheard(assigned: Assigned): Heard {
    const state = listened(assigned, this.boundListener(assigned), (count) => {
      this.parts.observer.unknownIds(count);
    });
    return { state, arrived: false, last: undefined };
  }

  private boundListener({ request: { listenerId }, world }: Assigned): Listener {
    return boundListener(listenerId, this.parts.reads.bindings(listenerId), world.catalogue);
  }

  /** The listener and, at the same time, the last list that was ranked for them here. */
  private async listen(assigned: Assigned, allowedMs: number, trace: StageTrace, signal: AbortSignal): Promise<Heard> {
    const { parts } = this;
    const ms = this.patience.listen.limit(allowedMs, trace.now());
    const { request, world } = assigned;
    const lastList = !isCached(parts.cache, request)
      ? undefined
      : readLastList(parts.cache, request.listenerId, request.surface, { signal, timeoutMs: ms });
    const reading = parts.reads.listener(world, request.listenerId, { signal, timeoutMs: ms });
    const read = await within(reading, ms, causeOf, this.late.listen);
    // Of a client that went away nothing is learnt.
    if (!signal.aborted) this.patience.listen.learn(read.ok || read.cause !== 'timeout', trace.now());
    const last = await lastList;
    trace.count('listen', 1, read.ok ? 1 : 0);
    if (!read.ok) trace.giveUp('listen', read.cause, read.detail);
    const listener = read.ok ? read.value : this.boundListener(assigned);
    if (listener.corrupt.length > 0) trace.giveUp('listen', 'error', `cannot be read: ${listener.corrupt.join(', ')}`);
    const state = listened(assigned, listener, (count) => {
      parts.observer.unknownIds(count);
    });
    return { state, arrived: read.ok, last };
  }

  /** The fresh list of the cache, or retrieve, filter and rank. Undefined when the listener is not known to us in time. */
  private async rankingOf(
    heard: Heard,
    widthShare: number,
    trace: StageTrace,
    signal: AbortSignal,
  ): Promise<Ranking | undefined> {
    if (!heard.arrived) return undefined;
    const { parts, needs } = this;
    const { state, last } = heard;
    const { world, request } = state;
    const ranker = parts.rankers.forWorld(world.dataFingerprint, state.variant.parameters.ranker);
    const rankerName = 'id' in ranker ? ranker.id : FIRST_PHASE;
    const snapshot = parts.snapshots.current;
    const fingerprintBy = (ranker: string): Uint8Array | undefined =>
      isCached(parts.cache, request) ? fingerprintOf(state, ranker, snapshot?.id ?? '') : undefined;
    const fingerprint = fingerprintBy(rankerName);
    // A list of fewer serves as long as no more may be ranked.
    const cutFingerprint = widthShare < 1 ? fingerprintBy(`${rankerName} cut`) : undefined;
    if ('unavailable' in ranker) trace.giveUp('rank', 'unavailable', ranker.unavailable);

    if (last !== undefined && fingerprint !== undefined && isFresh(last, fingerprint, state.nowMs)) {
      return this.fromLastList(state, last, last.ranked, 'id' in ranker ? 'full' : 'light', 'hit');
    }
    if (last !== undefined && cutFingerprint !== undefined && isFresh(last, cutFingerprint, state.nowMs)) {
      trace.giveUp('rank', 'overload', 'the last list, of which as few were ranked under overload too');
      return this.fromLastList(state, last, last.ranked, 'reduced', 'hit');
    }
    const related = await runWaitingStage(trace, needs, 'retrieve', async (allowedMs) => {
      const ms = this.patience.retrieve.limit(allowedMs, trace.now());
      const seeds = state.recents.subarray(0, state.surface.neighbourSeeds);
      const rows = await within(
        parts.reads.related(world, seeds, request.contextId, { signal, timeoutMs: ms }),
        ms,
        causeOf,
        this.late.retrieve,
      );
      if (!signal.aborted) this.patience.retrieve.learn(rows.ok || rows.cause !== 'timeout', trace.now());
      if (!rows.ok) trace.giveUp('retrieve', rows.cause, `neighbours and context: ${rows.detail}`);
      const failure = rows.ok ? rows.value.failure : undefined;
      if (failure !== undefined)
        trace.giveUp('retrieve', causeOf(failure), `some neighbours or context: ${failure.message}`);
      return {
        arrived: rows.ok && failure === undefined,
        candidates: retrieve(state, rows.ok ? rows.value : NO_ROWS, snapshot, this.workspaces.take()),
      };
    });
    const retrieved = related.candidates;
    trace.count('retrieve', state.recents.length, retrieved.candidates.count);
    const filtered = runStage(trace, 'filter', () => relaxed(filter(retrieved)));
    trace.count('filter', retrieved.candidates.count, filtered.kept.length);
    const outcome = await runWaitingStage(trace, needs, 'rank', (ms) =>
      rankCandidates(filtered, { ranker, ms, width: this.width, widthShare, trace, signal, onLate: this.late.rank }),
    );
    trace.count('rank', filtered.kept.length, outcome.rankedCount);
    const { candidates, promotions, context, removed } = filtered;
    const isWhole = related.arrived && state.listener.corrupt.length === 0;
    const complete = isWhole && (outcome.scored === 'full' || 'unavailable' in ranker);
    return {
      state,
      ranked: outcome.ranked,
      details: outcome.details,
      candidates,
      promotions,
      context,
      removed,
      level: levelOf({
        listener: true,
        candidates: isWhole ? 'all' : 'partly',
        ranker: outcome.scored,
        cachedList: last !== undefined,
      }),
      cache: cacheOutcome(parts.cache, request, last),
      keepAs: complete ? fingerprint : isWhole && outcome.scored === 'cut' ? cutFingerprint : undefined,
    };
  }

  /** The listener did not arrive: the last list filtered by what is known, or what is popular. */
  private fallBack({ state, last }: Heard, trace: StageTrace): Ranking {
    const usable = last?.generation === state.world.generation ? last : undefined;
    const level = levelOf({ listener: false, candidates: 'none', ranker: 'none', cachedList: usable !== undefined });
    if (level === 'cached' && usable !== undefined) {
      const left = runStage(trace, 'filter', () => filterList(state, usable.ranked));
      trace.count('filter', usable.ranked.ordinals.length, left.ordinals.length);
      if (left.ordinals.length > 0) return this.fromLastList(state, usable, left, 'cached', 'stale');
    }
    const filtered = runStage(trace, 'filter', () => popularCandidates(state, this.workspaces.take()));
    trace.count('filter', filtered.candidates.count, filtered.kept.length);
    const { candidates, context, removed } = filtered;
    return {
      state,
      ranked: popularList(filtered),
      details: undefined,
      candidates,
      promotions: this.promotionsFor(state),
      context,
      removed,
      level: 'popular',
      cache: cacheOutcome(this.parts.cache, state.request, last),
      keepAs: undefined,
    };
  }

  private fromLastList(
    state: Listened,
    last: LastList,
    ranked: RankedList,
    level: Level,
    cache: 'hit' | 'stale',
  ): Ranking {
    return {
      state,
      ranked,
      details: undefined,
      candidates: undefined,
      promotions: this.promotionsFor(state),
      context: last.context,
      removed: [],
      level,
      cache,
      keepAs: undefined,
    };
  }

  private promotionsFor({ request, surface, nowMs }: Listened): PromotionView {
    return eligible(this.parts.snapshots.current, { market: request.market, surface: surface.name, nowMs });
  }

  /** After the response: the exposure, the list for the cache, and what the stages took. */
  private afterwards(served: Served, ranking: Kept, nowMs: number): void {
    const { request, response, trace } = served;
    const offered = runStage(trace, 'expose', () =>
      this.parts.exposures.offer(exposureOf(request, response, nowMs, seedOf(request.requestId))),
    );
    trace.count('expose', response.items.length, offered ? response.items.length : 0);
    // What stages need is learnt from those that have something to do.
    if (served.call.shed === undefined) this.needs.observe(trace);
    if (ranking.keepAs !== undefined) {
      const entry = encodeLastList({
        fingerprint: ranking.keepAs,
        generation: response.serving.generation,
        createdAtMs: nowMs,
        ranked: served.ranked,
        context: ranking.context,
      });
      void this.parts.cache.set(cacheKeyOf(request.listenerId, request.surface), entry, KEPT_SECONDS);
    }
    this.parts.observer.served(served);
    this.workspaces.giveBack(ranking.candidates);
  }
}

/** An explanation is worked out anew, and not kept. */
function isCached(cache: Cache, request: RecommendRequest): boolean {
  return cache.driver !== 'off' && !request.explain;
}

function shedBelowFloor({ totalMs }: Budget): Shed | undefined {
  if (totalMs >= FLOOR_MS) return undefined;
  return { cause: 'timeout', detail: `the budget of ${totalMs.toFixed(1)} ms is less than ${FLOOR_MS} ms` };
}

function cacheOutcome(cache: Cache, request: RecommendRequest, last: LastList | undefined): 'miss' | 'stale' | 'off' {
  if (!isCached(cache, request)) return 'off';
  return last === undefined ? 'miss' : 'stale';
}
