/** `segue evaluate`: how good the served slates are, measured on plays of a later period. */
import { Command, Option } from 'commander';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../config.js';
import { REGISTRY_FINGERPRINT } from '../features/registry.js';
import { BundleRankers } from '../ranking/rankers.js';
import { SURFACE } from '../recommend/surfaces.js';
import { SURFACES, type SurfaceName } from '../recommend/types.js';
import { baselinesOn } from '../replay/compare.js';
import { evaluate } from '../replay/evaluate.js';
import { countOf, type PlaysByListener } from '../replay/play.js';
import { readPlays } from '../replay/read-plays.js';
import { evaluationJson, evaluationTable } from '../replay/report.js';
import { REPLAYED_TABLES } from '../replay/split-reads.js';
import { LoadedWorlds } from '../worlds/loaded-worlds.js';
import type { CliContext } from './context.js';
import { playProgress } from './play-progress.js';

interface Options {
  readonly plays: string;
  readonly train?: string;
  readonly surface: SurfaceName;
  readonly json?: string;
}

const HELP = `
Before each play the whole way of a request is walked, with the current world and the admitted ranker, without cache and
promotions; then the play is recorded, so that the next request sees it. Sessions are kept in a store of their own: those of real
listeners are neither read nor changed. The baselines see the same plays as they pass, and before them those of --train.

Hit rate, MRR and NDCG are over the 20 served tracks; recall is the share of plays whose track the ranker scored at all.

Example:
  $ segue build --plays first-part.csv --tracks tracks.csv --out world && segue load world
  $ segue evaluate --train first-part.csv --plays last-part.csv --surface radio --json quality.json
`;

/** Never: what is evaluated does not change on the way. */
const POLL_MS = 2_000_000_000;

export function evaluateCommand(context: CliContext): Command {
  return new Command('evaluate')
    .description('Ask for the next 20 tracks before each play of a later period, and measure the answers.')
    .requiredOption('--plays <file>', 'plays to evaluate on, CSV or Parquet, later than those the world was built from')
    .option('--train <file>', 'plays that the world was built from, for the baselines (default: none)')
    .addOption(new Option('--surface <name>', 'surface to ask for').choices(SURFACES).default('radio'))
    .option('--json <file>', 'write the result there too')
    .addHelpText('after', HELP)
    .action(async (options: Options) => {
      const plays = await readPlays(options.plays);
      const train: PlaysByListener = options.train === undefined ? new Map() : await readPlays(options.train);
      const evaluation = await evaluateWith(context, plays, options.surface);
      const baselines = baselinesOn(train, plays);
      process.stdout.write(evaluationTable(evaluation, baselines, SURFACE[options.surface].width));
      if (options.json !== undefined) await writeFile(options.json, evaluationJson(evaluation, baselines));
    });
}

async function evaluateWith(
  context: CliContext,
  plays: PlaysByListener,
  surface: SurfaceName,
): ReturnType<typeof evaluate> {
  const monotonicMs = (): number => performance.now();
  await using scratch = await scratchDirectory();
  await using store = closing(context.openStore());
  await using live = closing(context.openScratchStore(scratch.path));
  for (const table of REPLAYED_TABLES) await live.resource.createTable(table);
  await using rankers = closing(await openRankers(context.config()));
  let failure: unknown;
  await using worlds = closing(
    new LoadedWorlds({
      store: store.resource,
      pollMs: POLL_MS,
      random: () => 0.5,
      monotonicMs,
      observer: {
        loaded: ignore,
        dropped: ignore,
        failed: (error) => {
          failure = error;
        },
      },
    }),
  );
  await worlds.resource.refresh();
  if (failure !== undefined) throw failure instanceof Error ? failure : new Error('the world could not be loaded');
  const progress = playProgress('plays', countOf(plays), process.stderr);
  try {
    return await evaluate(plays, surface, {
      worlds: worlds.resource,
      store: store.resource,
      live: live.resource,
      rankers: rankers.resource,
      rankerName: context.config().ranker,
      cache: context.openNoCache(),
      monotonicMs,
      onProgress: progress.update,
      onCorrupt: (table, error) => {
        process.stderr.write(`${table}: ${error.message}\n`);
      },
    });
  } finally {
    progress.end();
  }
}

function openRankers(config: Config): Promise<BundleRankers> {
  return BundleRankers.open({
    dir: config.models.dir,
    placement: config.models.placement,
    registryFingerprint: REGISTRY_FINGERPRINT,
    width: Math.max(...Object.values(SURFACE).map(({ width, quotas }) => width + quotas.promoted)),
    poolSize: availableParallelism(),
    pollMs: POLL_MS,
    onState: ({ name, version, status, reason }) => {
      if (status === 'rejected') process.stderr.write(`${name}@${version} was rejected: ${reason ?? ''}\n`);
    },
    onPoisoned: (reason) => {
      throw new Error(`ranking workers are stuck: ${reason}`);
    },
  });
}

interface Closing<T> extends AsyncDisposable {
  readonly resource: T;
}

function closing<T extends { close(): Promise<void> }>(resource: T): Closing<T> {
  return { resource, [Symbol.asyncDispose]: () => resource.close() };
}

async function scratchDirectory(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'segue-evaluate-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

function ignore(): void {
  return;
}
