/** `segue build`: plays and tracks become the tables of a world. */
import { availableParallelism } from 'node:os';
import { Command, InvalidArgumentError } from 'commander';
import { buildWorld, type BuildProgress } from '../worlds/build/build-world.js';
import type { BuildManifest } from '../worlds/build/manifest.js';
import { describeCounts } from '../worlds/build/problems.js';
import { PACKAGE_ROOT } from '../package-root.js';
import type { CliContext } from './context.js';

interface Options {
  readonly plays: string;
  readonly tracks: string;
  readonly out: string;
  readonly asOf?: Date;
  readonly skipBadRows: boolean;
  readonly force: boolean;
  readonly threads: number;
}

const THREADS_MAX = 256;
const ZONED = /(Z|[+-]\d{2}:?\d{2})$/;

const HELP = `
plays has the columns listener_id, track_id, played_at (ISO 8601; UTC where it names no zone) and, where you have them, seq, market,
session_id, context_id, played_ms, outcome (completed, skipped or empty), saved (0 or 1). A listener's plays are in the order of seq
where the file has it, else of time and line. tracks has track_id, title, artist and, where you have them, release_year, duration_s,
tempo_bpm, key (0 = C to 11), mode (1 major), key_strength, loudness, dynamic_complexity, danceability, onset_rate, energy, explicit,
markets (US|DE; empty is everywhere). Other columns are ignored. Both are CSV (UTF-8, comma, with a header) or Parquet.

Nothing is built from a file with bad rows, unless they are to be skipped. The tables are made and tested by the dbt project in
pipelines/; \`npm run setup:python\` installs what it needs.

Examples:
  $ segue build --plays plays.csv --tracks tracks.csv --out world
  $ segue build --plays plays.csv --tracks tracks.csv --as-of 2026-05-20T00:00:00Z --out world-before
`;

export function buildCommand(context: CliContext): Command {
  return new Command('build')
    .description('Build the tables of a world from plays and tracks: check the files, run and test the dbt project.')
    .requiredOption('--plays <file>', 'what was played, CSV or Parquet')
    .requiredOption('--tracks <file>', 'the catalogue, CSV or Parquet')
    .requiredOption('--out <dir>', 'directory for the tables and build.json; appears when the build is whole')
    .option('--as-of <time>', 'count only plays at or before this time (default: all plays)', time)
    .option('--skip-bad-rows', 'leave bad rows out, counted and reported, instead of refusing the file', false)
    .option('--threads <n>', 'threads of the engine (default: the cores)', threads, availableParallelism())
    .option('--force', 'replace the directory where it exists', false)
    .addHelpText('after', HELP)
    .action(async (options: Options) => {
      const manifest = await buildWorld({
        ...options,
        root: PACKAGE_ROOT,
        python: context.config().python,
        signal: stopSignal(),
        now: () => new Date(),
        progress: (event) => {
          process.stderr.write(progressLine(event));
        },
      });
      process.stdout.write(report(options.out, manifest));
    });
}

/** Aborts when the process is told to end, once: told again, it ends at once. */
function stopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => {
      controller.abort(new Error(`stopped by ${name}; nothing was built`));
    });
  }
  return controller.signal;
}

function progressLine(event: BuildProgress): string {
  switch (event.of) {
    case 'read':
      return `${event.file.padEnd(26)}${seconds(event.seconds)}  ${event.rows} rows\n`;
    case 'skipped':
      return describeCounts(event.file, event.problems)
        .map((count) => `skipped, ${count}\n`)
        .join('');
    case 'model':
      return `${event.name.padEnd(26)}${seconds(event.seconds)}  ${event.done} of ${event.total}\n`;
    case 'tested':
      return `${event.passed} tests passed\n`;
  }
}

function seconds(value: number): string {
  return `${value.toFixed(1)} s`.padStart(8);
}

function report(out: string, { dataFingerprint, counts, skipped }: BuildManifest): string {
  const rows = Object.entries(counts).map(([table, count]) => `${table} ${count}`);
  const left = skipped.rows === 0 ? '' : `skipped ${skipped.rows} bad rows\n`;
  return `${out}: ${rows.join(', ')}\n${left}data ${dataFingerprint}\n`;
}

/** A time without a zone is UTC, as it is in the files. */
function time(text: string): Date {
  const zoned = text.includes(':') && !ZONED.test(text) ? `${text}Z` : text;
  const value = new Date(zoned);
  if (!/^\d{4}-\d{2}-\d{2}/.test(text) || Number.isNaN(value.getTime())) {
    throw new InvalidArgumentError('Allowed are ISO 8601 times such as 2026-05-20T00:00:00Z.');
  }
  return value;
}

function threads(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > THREADS_MAX) {
    throw new InvalidArgumentError(`Allowed are whole numbers from 1 to ${THREADS_MAX}.`);
  }
  return value;
}
