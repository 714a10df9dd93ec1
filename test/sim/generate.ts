/** Writes the plays and tracks of a simulated population as CSV. */
import { createHash } from 'node:crypto';
import { mkdirSync, openSync, closeSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { SingleBar } from 'cli-progress';
import { Command, InvalidArgumentError, Option } from 'commander';
import { playRow, PLAYS_HEADER, trackRow, TRACKS_HEADER } from './csv.js';
import { generatePlays } from './generate-plays.js';
import { createSimulation } from './simulation.js';

interface Options {
  readonly seed: number;
  readonly tracks: number;
  readonly listeners: number;
  readonly plays: number;
  readonly days: number;
  readonly start: number;
  readonly out: string;
}

const CHUNK_ROWS = 5_000;
const START = '2026-01-05T00:00:00Z';

function whole(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('allowed: a whole number from 0 to 999999999');
  return Number(text);
}

function moment(text: string): number {
  const atMs = Date.parse(text);
  if (Number.isNaN(atMs)) throw new InvalidArgumentError('allowed: an ISO 8601 time, as 2026-01-05T00:00:00Z');
  return atMs;
}

/** Writes rows in chunks and returns the sha256 of the file. */
function writeCsv(path: string, header: string, rows: Iterable<string>, onRows: (count: number) => void): string {
  const hash = createHash('sha256');
  const file = openSync(path, 'w');
  try {
    let chunk = `${header}\n`;
    let pending = 0;
    const flush = (): void => {
      const bytes = Buffer.from(chunk);
      writeSync(file, bytes);
      hash.update(bytes);
      onRows(pending);
      chunk = '';
      pending = 0;
    };
    for (const row of rows) {
      chunk += `${row}\n`;
      if (++pending === CHUNK_ROWS) flush();
    }
    flush();
  } finally {
    closeSync(file);
  }
  return hash.digest('hex');
}

function* mapped<T>(values: Iterable<T>, row: (value: T) => string): Generator<string> {
  for (const value of values) yield row(value);
}

function generate(options: Options): void {
  mkdirSync(options.out, { recursive: true });
  const simulation = createSimulation(options.seed, options);
  const bar = new SingleBar({
    format: 'plays [{bar}] {percentage}% {value}/{total} {eta} s left',
    stream: process.stderr,
    noTTYOutput: true,
    notTTYSchedule: 2_000,
    clearOnComplete: false,
  });
  bar.start(options.plays, 0);
  const plays = mapped(
    generatePlays(simulation, { plays: options.plays, startMs: options.start, days: options.days }),
    (play) => playRow(simulation, play),
  );
  const sums = {
    'plays.csv': writeCsv(join(options.out, 'plays.csv'), PLAYS_HEADER, plays, (count) => {
      bar.increment(count);
    }),
    'tracks.csv': writeCsv(
      join(options.out, 'tracks.csv'),
      TRACKS_HEADER,
      mapped(simulation.catalogue.tracks, (track) => trackRow(simulation, track)),
      () => undefined,
    ),
  };
  bar.stop();
  for (const [name, sum] of Object.entries(sums)) process.stdout.write(`${sum}  ${name}\n`);
}

await new Command('generate')
  .description(
    'Writes plays.csv and tracks.csv of simulated listeners, and prints their sha256. The same options give the same bytes.',
  )
  .option('--seed <number>', 'names the simulated world', whole, 7)
  .option('--tracks <count>', 'tracks in the catalogue, 1 to 2,000,000', whole, 5_000)
  .option('--listeners <count>', 'listeners, 1 or more', whole, 2_000)
  .option('--plays <count>', 'plays in all', whole, 300_000)
  .option('--days <count>', 'days they spread over', whole, 28)
  .addOption(
    new Option('--start <time>', 'when the first day begins').argParser(moment).default(Date.parse(START), START),
  )
  .requiredOption('--out <directory>', 'where to write; made when it is missing')
  .addHelpText(
    'after',
    '\nExample:\n  npm run sim -- --seed 7 --tracks 5000 --listeners 2000 --plays 300000 --out .demo\n',
  )
  .action((options: Options) => {
    generate(options);
  })
  .parseAsync();
