/** The bundles of a directory: found, admitted, opened and warmed; the latest admitted version of each serves. */
import { admit, ADMISSION_CHILD, ADMISSION_LIMITS, type Admission, type AdmissionLimits } from './admission.js';
import type { Admitted } from './admission-checks.js';
import { firstLine } from './bundle-error.js';
import { findBundles, type FoundBundle } from './bundle-scan.js';
import { bundleId, readBundle, readManifest, type Bundle } from './bundle.js';
import { InlineRanker } from './inline-ranker.js';
import { LiveRanker } from './live-ranker.js';
import type { Manifest } from './manifest.js';
import type { OpenedRanker } from './opened-ranker.js';
import { PoolRanker } from './pool-ranker.js';
import type { Ranker, Rankers } from './ranker.js';
import { Quarantine, type Quarantined } from './quarantine.js';
import { SecondLooks } from './second-looks.js';
import {
  POOL_WORKER,
  QUEUE_MAX,
  STUCK_AFTER_MS,
  WorkerPool,
  type LostWorker,
  type WorkerOutcomes,
} from './worker-pool.js';

/** An admitted model that is faster than this, with bounded operators, runs on the serving thread. */
export const INLINE_P99_MS = 0.5;
/** One that is not, but faster than this, may have seemed slow on a busy machine. */
const DOUBTFUL_P99_MS = 2 * INLINE_P99_MS;
const SECOND_LOOK_MS = 10_000;
/** Opening a larger one would block the serving thread for too long: 128 MB take 160 ms. */
const INLINE_BYTES_MAX = 16 * 1024 * 1024;
/** Rankers that serve at once, over all names and data. */
const LIVE_MAX = 32;
/** Longer than the largest budget. */
const GRACE_MS = 5000;

export interface RankersOptions {
  /** Directory of `<name>/<version>/` bundles. */
  readonly dir: string;
  readonly placement: 'auto' | 'inline' | 'pool';
  /** Of the running feature registry: a bundle's must be the same. */
  readonly registryFingerprint: string;
  /** Rows of the largest request. */
  readonly width: number;
  /** Worker threads of the pool, which starts with the first ranker that needs it. */
  readonly poolSize: number;
  readonly pollMs: number;
  /** Models that may not be opened. */
  readonly quarantined?: readonly Quarantined[];
  /** A model got two workers stuck here: no process should open it. */
  readonly onQuarantine?: (model: Quarantined) => void;
  /** Threads are stuck: the process should be replaced. It ends by SIGKILL then (see `threadsLeft`). */
  readonly onPoisoned: (reason: string) => void;
  /** Told of every ranking worker that is stuck or died. */
  readonly onLost?: (lost: LostWorker) => void;
  /** Told of every change of a bundle's state. */
  readonly onState?: (state: BundleState) => void;
  /** What unavailable rankers tell people to run. */
  readonly trainCommand?: (name: string) => string;
  readonly limits?: AdmissionLimits;
  readonly stuckAfterMs?: number;
  /** From a measurement that left doubt until the first of the next ones. */
  readonly secondLookMs?: number;
  /** How long a ranker that was superseded still takes requests. */
  readonly graceMs?: number;
  /** Compiled entries of the admission child and the pool worker. */
  readonly entries?: { readonly child: URL; readonly worker: URL };
}

export interface BundleState {
  readonly name: string;
  readonly version: string;
  readonly status: 'found' | 'admitted' | 'live' | 'retired' | 'rejected';
  /** Why it was rejected. */
  readonly reason?: string;
  readonly dataFingerprint?: string;
  readonly p99Ms?: number;
  readonly placement?: 'inline' | 'pool';
}

interface Entry {
  readonly found: FoundBundle;
  state: BundleState;
  manifest?: Manifest;
  ranker?: LiveRanker;
  /** Where its placement is in doubt. */
  looks?: SecondLooks;
}

export class BundleRankers implements Rankers {
  /** By directory: by name, latest version first. */
  private entries = new Map<string, Entry>();
  /** By `liveKey`. */
  private readonly live = new Map<string, Entry>();
  private pool: WorkerPool | undefined;
  private scanning: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;
  private closed = false;
  private readonly quarantined: Quarantine;

  private constructor(private readonly options: RankersOptions) {
    this.quarantined = new Quarantine(options.quarantined);
  }

  /** Settles when every bundle that may serve does, warm. Later bundles are found by looking every `pollMs`. */
  static async open(options: RankersOptions): Promise<BundleRankers> {
    const rankers = new BundleRankers(options);
    await rankers.rescan();
    rankers.poll();
    return rankers;
  }

  forWorld(dataFingerprint: string, name: string): Ranker | { readonly unavailable: string } {
    const ranker = this.live.get(liveKey({ name, dataFingerprint }))?.ranker;
    return ranker ?? { unavailable: this.whyNone(dataFingerprint, name) };
  }

  /** By name, latest version first. */
  states(): BundleState[] {
    return [...this.entries.values()].map(({ state }) => state);
  }

  /** Ranking workers that have not ended. After `close` these are stuck: `process.exit` would wait for them for ever, so end by SIGKILL. */
  get threadsLeft(): number {
    return this.pool?.threadsLeft ?? 0;
  }

  /** Ranking workers that were lost and replaced so far. */
  get workerOutcomes(): WorkerOutcomes {
    return this.pool?.outcomes ?? { stuck: 0, died: 0, replaced: 0 };
  }

  /** Ranking workers now. */
  get workerStates(): WorkerPool['states'] {
    return this.pool?.states ?? { working: 0, stuck: 0 };
  }

  /** Gives a model no more requests, at once and for good; the version before takes its place, once it is admitted. */
  quarantine(model: Quarantined): void {
    if (!this.quarantined.add(model)) return;
    this.pool?.expel(model);
    for (const entry of this.entries.values()) this.expel(entry);
    void this.rescan().catch(() => undefined);
  }

  /** Looks for bundles that came or went, now. One look at a time. */
  async rescan(): Promise<void> {
    const scanned = this.scanning.then(async () => {
      if (!this.closed) await this.scan();
    });
    // One that fails must not keep the next ones from looking.
    this.scanning = scanned.catch(() => undefined);
    await scanned;
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    await this.scanning;
    const rankers = [...this.live.values()].flatMap(({ ranker }) => ranker ?? []);
    this.live.clear();
    await Promise.all([...rankers.map((ranker) => ranker.retire(0)), this.pool?.close()]);
  }

  private poll(): void {
    if (this.closed) return;
    this.timer = setTimeout(() => {
      void this.rescan()
        .catch(() => undefined)
        .finally(() => {
          this.poll();
        });
    }, this.options.pollMs).unref();
  }

  private async scan(): Promise<void> {
    const found = await findBundles(this.options.dir);
    const before = this.entries;
    const entries = new Map<string, Entry>();
    for (const bundle of found) {
      const known = before.get(bundle.dir);
      entries.set(bundle.dir, known?.found.stamp === bundle.stamp ? known : await this.meet(bundle));
    }
    this.entries = entries;
    const served = await this.promote();
    for (const [key, entry] of this.live) {
      if (served.has(key)) continue;
      this.live.delete(key);
      this.retire(entry);
    }
    for (const entry of this.live.values()) await this.lookAgain(entry);
  }

  /** What a bundle says of itself: whether it is worth admitting. */
  private async meet(found: FoundBundle): Promise<Entry> {
    const { name, version } = found;
    const entry: Entry = { found, state: { name, version, status: 'found' } };
    try {
      const manifest = await readManifest(found.dir);
      const given = manifest.registryFingerprint;
      const running = this.options.registryFingerprint;
      entry.manifest = manifest;
      this.change(entry, { status: 'found', dataFingerprint: manifest.dataFingerprint });
      if (given !== running) {
        this.change(entry, {
          status: 'rejected',
          reason: `manifest.json: registryFingerprint: given ${given}; allowed: ${running}, the running feature registry; train it again`,
        });
      }
    } catch (error) {
      this.change(entry, { status: 'rejected', reason: messageOf(error) });
    }
    return entry;
  }

  /**
   * For each name and data, the latest version that is admitted goes live; older ones are not even admitted.
   *
   * @returns the keys of `live` that are served by bundles that are there
   */
  private async promote(): Promise<Set<string>> {
    const served = new Set<string>();
    for (const entry of this.entries.values()) {
      const { manifest } = entry;
      if (manifest === undefined || entry.state.status === 'rejected') continue;
      const key = liveKey(manifest);
      if (served.has(key) || served.size >= LIVE_MAX || this.closed || this.expel(entry)) continue;
      if (entry.ranker === undefined && !(await this.goLive(entry, manifest))) continue;
      // It may have come into quarantine meanwhile.
      if (this.expel(entry)) continue;
      const before = this.live.get(key);
      this.live.set(key, entry);
      if (before !== undefined && before !== entry) this.retire(before);
      served.add(key);
    }
    return served;
  }

  private async goLive(entry: Entry, manifest: Manifest): Promise<boolean> {
    const { dir } = entry.found;
    const admission = await this.admit(dir);
    if (!admission.admitted) {
      this.change(entry, { status: 'rejected', reason: admission.reason });
      return false;
    }
    this.change(entry, { status: 'admitted', p99Ms: admission.p99Ms });
    try {
      entry.ranker = new LiveRanker(await this.place(await bundleOf(dir, manifest), admission));
    } catch (error) {
      this.change(entry, { status: 'rejected', reason: messageOf(error) });
      return false;
    }
    const { placement } = entry.ranker;
    this.change(entry, { status: 'live', placement });
    if (placement === 'pool' && this.options.placement === 'auto' && isQuick(admission, DOUBTFUL_P99_MS))
      entry.looks = new SecondLooks(performance.now(), this.options.secondLookMs ?? SECOND_LOOK_MS);
    return true;
  }

  /** A model in the pool that is fast enough, after all, moves to the serving thread. */
  private async lookAgain(entry: Entry): Promise<void> {
    const { ranker, looks, manifest, found } = entry;
    if (this.closed || looks?.isDue(performance.now()) !== true) return;
    if (ranker === undefined || manifest === undefined) return;
    const admission = await this.admit(found.dir);
    looks.looked(performance.now());
    if (!admission.admitted || !isQuick(admission)) return;
    const inline = new LiveRanker(await InlineRanker.open(await bundleOf(found.dir, manifest), this.options.width));
    delete entry.looks;
    // It may have come into quarantine meanwhile.
    if (entry.ranker !== ranker) {
      void inline.retire(0);
      return;
    }
    entry.ranker = inline;
    this.change(entry, { p99Ms: admission.p99Ms, placement: 'inline' });
    void ranker.retire(this.options.graceMs ?? GRACE_MS);
  }

  private async admit(dir: string): Promise<Admission> {
    const { width, limits = ADMISSION_LIMITS, entries } = this.options;
    return await admit(dir, width, limits, entries?.child ?? ADMISSION_CHILD);
  }

  private async place(bundle: Bundle, admission: Admitted): Promise<OpenedRanker> {
    const { placement, width } = this.options;
    if (placement === 'inline' || (placement === 'auto' && isQuick(admission)))
      return await InlineRanker.open(bundle, width);
    this.pool ??= new WorkerPool({
      size: this.options.poolSize,
      queueMax: QUEUE_MAX,
      stuckAfterMs: this.options.stuckAfterMs ?? STUCK_AFTER_MS,
      nowMs: () => performance.now(),
      onLost: (lost) => this.options.onLost?.(lost),
      onQuarantine: (model) => {
        this.options.onQuarantine?.(model);
        this.quarantine(model);
      },
      onPoisoned: this.options.onPoisoned,
      workerEntry: this.options.entries?.worker ?? POOL_WORKER,
    });
    return await PoolRanker.open(this.pool, bundle, width);
  }

  /** True when its model is in quarantine; then it is rejected and serves no more. */
  private expel(entry: Entry): boolean {
    const { manifest, ranker } = entry;
    const reason = manifest === undefined ? undefined : this.quarantined.reasonFor(manifest.sha256);
    if (manifest === undefined || reason === undefined) return false;
    if (entry.state.status === 'rejected') return true;
    const key = liveKey(manifest);
    if (this.live.get(key) === entry) this.live.delete(key);
    delete entry.ranker;
    this.change(entry, { status: 'rejected', reason });
    void ranker?.retire(0);
    return true;
  }

  /** Its model is freed when no request uses it. */
  private retire(entry: Entry): void {
    const { ranker } = entry;
    if (ranker === undefined) return;
    delete entry.ranker;
    delete entry.looks;
    this.change(entry, { status: 'retired' });
    void ranker.retire(this.options.graceMs ?? GRACE_MS);
  }

  private change(entry: Entry, change: Partial<BundleState>): void {
    entry.state = { ...entry.state, ...change };
    this.options.onState?.(entry.state);
  }

  private whyNone(dataFingerprint: string, name: string): string {
    const named = [...this.entries.values()].filter(({ found }) => found.name === name);
    const train = `train with \`${(this.options.trainCommand ?? trainCommand)(name)}\``;
    const elsewhere = named.find(({ ranker }) => ranker !== undefined)?.manifest;
    if (elsewhere !== undefined) {
      const trained = elsewhere.dataFingerprint.slice(0, 12);
      return `model ${bundleId(elsewhere)} was trained on data ${trained}; this world is ${dataFingerprint.slice(0, 12)}; ${train}`;
    }
    const rejected = named.find(({ state }) => state.status === 'rejected')?.state;
    if (rejected !== undefined) return `model ${bundleId(rejected)} was rejected: ${rejected.reason ?? ''}; ${train}`;
    return `there is no model ${name} in ${this.options.dir}; ${train}`;
  }
}

/** Whether it may run on the serving thread. */
function isQuick({ p99Ms, modelBytes, operators }: Admitted, p99MsMax = INLINE_P99_MS): boolean {
  return p99Ms < p99MsMax && modelBytes <= INLINE_BYTES_MAX && operators.bounded;
}

async function bundleOf(dir: string, manifest: Manifest): Promise<Bundle> {
  const bundle = await readBundle(dir);
  if (bundle.manifest.sha256 !== manifest.sha256) throw new Error('manifest.json: changed while it was admitted');
  return bundle;
}

function liveKey({ name, dataFingerprint }: Pick<Manifest, 'name' | 'dataFingerprint'>): string {
  return `${name} ${dataFingerprint}`;
}

/** @param name of the ranker */
export function trainCommand(name: string): string {
  return `npm run train -- --name ${name} --examples DIR --out models/${name}/VERSION`;
}

function messageOf(error: unknown): string {
  return error instanceof Error && error.message.startsWith('manifest.json') ? error.message : firstLine(error);
}
