/** `segue evaluate-split`: from plays alone to measured slates, in a directory of its own. */
import { Command, Option } from 'commander';
import { access, copyFile, mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SegueError } from '../errors.js';
import { SURFACES, type SurfaceName } from '../recommend/types.js';
import { countOf, type PlaysByListener } from '../replay/play.js';
import { readPlays } from '../replay/read-plays.js';
import { heardBetween, someListeners, splitEach, timesAt, writePlays } from '../replay/split-plays.js';
import { PACKAGE_ROOT } from '../package-root.js';
import { runStep } from './steps.js';

interface Options {
  readonly data?: string;
  readonly train?: string;
  readonly test?: string;
  readonly tracks?: string;
  readonly surface: SurfaceName;
  readonly dir: string;
  readonly json?: string;
  readonly sample: boolean;
  readonly keep: boolean;
}

/** How much is done: all of it, or enough to see that every step works. */
interface Extent {
  /** Shares of the plays through which the earlier worlds are built. */
  readonly builtThrough: readonly number[];
  /** Every so-manieth listener. */
  readonly listenerStep: number;
}

const WHOLE: Extent = { builtThrough: [0.4, 0.6, 0.8], listenerStep: 1 };
const SAMPLE: Extent = { builtThrough: [0.6], listenerStep: 6 };

/** Of each listener's plays, the first ones, when the data is not split already. */
const TRAIN_SHARE = 0.85;

const HELP = `
The plays to train on are cut by time. On each earlier part a world is built, and the plays up to the next cut are replayed over
it: these are the examples. The ranker learns from all of them and is bound to the world of all training plays, which is then
evaluated on the test plays. Every step is a command of its own and is shown as it runs.

DIR of --data holds plays.csv and tracks.csv; the last 15 % of each listener's plays are the test.

Examples:
  $ segue evaluate-split --data ../shared/data/radio --json quality.json
  $ segue evaluate-split --train first.csv --test last.csv --tracks tracks.csv
`;

export function evaluateSplitCommand(): Command {
  return new Command('evaluate-split')
    .description('Build, export, train, load and evaluate on plays that are split into earlier and later ones.')
    .option('--data <dir>', 'directory with plays.csv and tracks.csv, split here')
    .option('--train <file>', 'earlier plays, instead of --data; with --test and --tracks')
    .option('--test <file>', 'later plays of the same listeners')
    .option('--tracks <file>', 'the catalogue')
    .addOption(new Option('--surface <name>', 'surface to train and evaluate for').choices(SURFACES).default('radio'))
    .option('--dir <dir>', 'directory to work in; what an earlier run left there is removed', '.evaluate/run')
    .option('--json <file>', 'write the result there too')
    .option('--sample', 'only some of the listeners, and one earlier world: whether it works', false)
    .option('--keep', 'keep the worlds, examples and models that were made', false)
    .addHelpText('after', HELP)
    .action(async (options: Options) => {
      const startedMs = performance.now();
      const say = (line: string): void => {
        process.stderr.write(`[${((performance.now() - startedMs) / 1000).toFixed(1).padStart(6)} s] ${line}\n`);
      };
      const files = await filesOf(options);
      const run = new SplitRun(resolve(options.dir), options, options.sample ? SAMPLE : WHOLE, say);
      process.stdout.write(`${await run.all(files)}\n`);
      say('done');
    });
}

interface Files {
  readonly tracks: string;
  /** Either both, or `plays` to split. */
  readonly plays?: string;
  readonly train?: string;
  readonly test?: string;
}

async function filesOf({ data, train, test, tracks }: Options): Promise<Files> {
  if (train !== undefined || test !== undefined) {
    if (train === undefined || test === undefined || tracks === undefined) {
      throw new SegueError('SEGUE_INVALID_ARGUMENT', '--train, --test and --tracks go together', 'train');
    }
    return { train: await present(train), test: await present(test), tracks: await present(tracks) };
  }
  if (data === undefined) {
    throw new SegueError('SEGUE_INVALID_ARGUMENT', 'give --data, or --train, --test and --tracks', 'data');
  }
  return { plays: await present(join(data, 'plays.csv')), tracks: await present(join(data, 'tracks.csv')) };
}

async function present(file: string): Promise<string> {
  try {
    await access(file);
  } catch {
    throw new SegueError(
      'SEGUE_NOT_FOUND',
      `${resolve(file)} is not there; give the plays as --train, --test and --tracks, or their directory as --data`,
    );
  }
  return resolve(file);
}

class SplitRun {
  private readonly env: NodeJS.ProcessEnv;

  constructor(
    private readonly dir: string,
    private readonly options: Options,
    private readonly extent: Extent,
    private readonly say: (line: string) => void,
  ) {
    this.env = {
      ...process.env,
      SEGUE_DATA_DIR: this.path('data'),
      SEGUE_MODELS_DIR: this.path('models'),
      SEGUE_STORE: 'lmdb',
    };
  }

  /** @returns what `segue evaluate` printed */
  async all(files: Files): Promise<string> {
    await rm(this.dir, { recursive: true, force: true });
    await mkdir(this.dir, { recursive: true });
    const { first, last } = await this.split(files);
    const cuts = [...timesAt(first, this.extent.builtThrough), Infinity];
    if (cuts.length === 1) {
      throw new SegueError(
        'SEGUE_INVALID_ARGUMENT',
        'the plays to train on need more than one time to be cut by',
        'plays',
      );
    }
    const train = await this.written('train', first);
    const test = await this.written('test', last);
    for (let i = 0; i + 1 < cuts.length; i++) {
      await this.written(`window-${i}`, heardBetween(first, cuts[i], cuts[i + 1]));
    }
    await this.worldsAndExamples(train, files.tracks, cuts);
    await this.train(cuts.length - 1);
    await this.segue('load', ['load', this.path('world')]);
    const json = this.path('quality.json');
    const { surface } = this.options;
    const table = await this.segue('evaluate', [
      ...['evaluate', '--train', train, '--plays', test],
      ...['--surface', surface, '--json', json],
    ]);
    if (this.options.json !== undefined) await copyFile(json, this.options.json);
    if (!this.options.keep) {
      for (const name of ['data', 'world', 'models', ...cuts.flatMap((_cut, i) => [`world-${i}`, `examples-${i}`])]) {
        await rm(this.path(name), { recursive: true, force: true });
      }
    }
    return table;
  }

  private async split({ plays, train, test }: Files): Promise<{ first: PlaysByListener; last: PlaysByListener }> {
    const { listenerStep } = this.extent;
    if (plays === undefined) {
      const read = async (file: string | undefined): Promise<PlaysByListener> =>
        someListeners(await readPlays(file ?? ''), listenerStep);
      return { first: await read(train), last: await read(test) };
    }
    return splitEach(someListeners(await readPlays(plays), listenerStep), TRAIN_SHARE);
  }

  /** Builds one world after the other; meanwhile examples are exported over those that are ready. */
  private async worldsAndExamples(train: string, tracks: string, cuts: readonly number[]): Promise<void> {
    let built = Promise.resolve('');
    let exported = Promise.resolve('');
    for (const [i, cutMs] of cuts.entries()) {
      const isLast = i === cuts.length - 1;
      const world = this.path(isLast ? 'world' : `world-${i}`);
      const asOf = isLast ? [] : ['--as-of', new Date(cutMs).toISOString()];
      built = built.then(() =>
        this.segue(`build ${i}`, ['build', '--plays', train, '--tracks', tracks, ...asOf, '--out', world]),
      );
      if (isLast) break;
      exported = Promise.all([exported, built]).then(() => this.export(i, world));
    }
    await Promise.all([built, exported]);
  }

  private async export(window: number, world: string): Promise<string> {
    await this.segue(`load ${window}`, ['load', world]);
    return this.segue(`export ${window}`, [
      ...['features', 'export', '--plays', this.path(`window-${window}.csv`), '--surface', this.options.surface],
      ...['--out', this.path(`examples-${window}`)],
    ]);
  }

  private async train(windows: number): Promise<void> {
    const examples = Array.from({ length: windows }, (_, i) => this.path(`examples-${i}`));
    const args = [
      ...['run', '-s', 'train', '--', '--name', 'next-track', '--examples', ...examples],
      ...['--bind', this.path('world'), '--out', this.path('models/next-track/1.0.0')],
    ];
    await runStep({
      name: 'train',
      shown: ['npm', ...args].join(' '),
      command: 'npm',
      args,
      cwd: PACKAGE_ROOT,
      env: this.env,
      say: this.say,
    });
  }

  private async segue(name: string, args: readonly string[]): Promise<string> {
    const cli = fileURLToPath(new URL('../cli.js', import.meta.url));
    const printed = await runStep({
      name,
      shown: ['segue', ...args].join(' '),
      command: process.execPath,
      args: ['--enable-source-maps', cli, ...args],
      cwd: PACKAGE_ROOT,
      env: this.env,
      say: this.say,
    });
    if (name !== 'evaluate') for (const line of printed.split('\n')) this.say(`${name}: ${line}`);
    return printed;
  }

  private async written(name: string, plays: PlaysByListener): Promise<string> {
    const file = this.path(`${name}.csv`);
    await writePlays(file, plays);
    this.say(`${name}: ${countOf(plays)} plays of ${plays.size} listeners`);
    return file;
  }

  private path(name: string): string {
    return join(this.dir, name);
  }
}
