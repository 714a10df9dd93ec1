/** `segue features`: the registry, and training examples from plays of the past. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { FEATURES, REGISTRY_FINGERPRINT } from '../features/registry.js';
import { StoreReads } from '../recommend/store-reads.js';
import { wholeReads } from '../store/row-reads.js';
import { SURFACE } from '../recommend/surfaces.js';
import { SURFACES, type SurfaceName } from '../recommend/types.js';
import { exportFeatures, type ExportSummary } from '../replay/export-features.js';
import { countOf } from '../replay/play.js';
import { readPlays } from '../replay/read-plays.js';
import { currentWorld } from '../replay/current-world.js';
import type { CliContext } from './context.js';
import { playProgress } from './play-progress.js';

interface ExportCommandOptions {
  readonly plays: string;
  readonly out: string;
  readonly surface: SurfaceName;
  readonly width?: number;
  readonly negatives: number;
  readonly samplePlays?: number;
  readonly listeners: number;
  readonly seed: number;
}

const EXPORT_HELP = `
Each play becomes a group: the track that was played, and a sample of the other tracks that the ranker would have seen in its
place. The rows are those of the current world, so it must end before the plays begin; only sessions move while the plays pass.
A play whose track the ranker would not have seen makes no group, and is counted against the recall.

DIR/examples-<n>.parquet have a row a candidate: group_id and seq (rising with time), label, y_complete, y_skip, y_save (NaN where
not known) and a column a feature (NaN where missing). DIR/export.json is written last.

Example:
  $ segue build --plays plays.csv --tracks tracks.csv --as-of 2026-05-20T00:00:00Z --out before
  $ segue load before
  $ segue features export --plays plays-after-the-20th.csv --surface radio --out examples
  $ npm run -s train -- --help
`;

export function featuresCommand(context: CliContext): Command {
  const features = new Command('features').description('What rankers see: the registry, and examples to train on.');
  features.addCommand(exportCommand(context));
  features
    .command('list')
    .description('Print every feature: name, unit, range and meaning.')
    .addHelpText('after', '\nExample:\n  $ segue features list\n')
    .action(() => {
      for (const { name, group, unit, range, doc } of FEATURES) {
        process.stdout.write(`${name}\t${group}\t${unit}\t${range.join(' to ')}\t${doc}\n`);
      }
      process.stdout.write(`fingerprint\t${REGISTRY_FINGERPRINT}\n`);
    });
  return features;
}

function exportCommand(context: CliContext): Command {
  return new Command('export')
    .description('Replay plays over the current world and write what the ranker would have seen before each.')
    .requiredOption('--plays <file>', 'plays to replay, CSV or Parquet, later than those the world was built from')
    .requiredOption('--out <dir>', 'directory for the examples; made where it is missing')
    .addOption(new Option('--surface <name>', 'surface whose recipe is replayed').choices(SURFACES).default('radio'))
    .option('--width <n>', "candidates that the ranker sees (default: the surface's width)", wholeNumber(1, 4_096))
    .option('--negatives <n>', 'other candidates in a group', wholeNumber(1, 4_095), 120)
    .option(
      '--sample-plays <n>',
      'make groups of so many plays, drawn at random (default: all)',
      wholeNumber(1, 100_000_000),
    )
    .option('--listeners <share>', 'make groups of this share of the listeners, drawn at random', share, 1)
    .option('--seed <n>', 'seed of what is drawn', wholeNumber(0, 4_294_967_295), 1)
    .addHelpText('after', EXPORT_HELP)
    .action(async (options: ExportCommandOptions) => {
      const store = context.openStore();
      try {
        const world = await currentWorld(store);
        const plays = await readPlays(options.plays);
        const progress = playProgress('plays', countOf(plays), process.stderr);
        const summary = await exportFeatures(
          plays,
          options.out,
          {
            world,
            store,
            reads: new StoreReads(wholeReads(store), { corrupt: warnCorrupt }),
            onProgress: progress.update,
          },
          {
            surface: options.surface,
            width: options.width ?? SURFACE[options.surface].width,
            negatives: options.negatives,
            plays: options.samplePlays ?? Infinity,
            listeners: options.listeners,
            seed: options.seed,
          },
        ).finally(progress.end);
        process.stdout.write(report(options.out, summary));
      } finally {
        await store.close();
      }
    });
}

function report(directory: string, summary: ExportSummary): string {
  const { groups, skippedNotRetrieved, skippedUnknownTrack, recallAtWidth, width } = summary;
  return (
    `${groups} groups in ${directory}; no group for ${skippedNotRetrieved} plays that were not retrieved and ` +
    `${skippedUnknownTrack} of unknown tracks\nrecall at width ${width}: ${recallAtWidth.toFixed(4)}\n`
  );
}

function warnCorrupt(table: string, error: Error): void {
  process.stderr.write(`${table}: ${error.message}\n`);
}

function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < least || value > most) {
      throw new InvalidArgumentError(`Allowed are whole numbers from ${least} to ${most}.`);
    }
    return value;
  };
}

function share(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 1)) throw new InvalidArgumentError('Allowed are shares above 0 and up to 1.');
  return value;
}
