/** `segue worlds`: the generations that are there, which one serves, and what can go. */
import { Command } from 'commander';
import { collectAll, findCollectable, type Collectable } from '../worlds/load/collect.js';
import { LoadState, readLoads, type LoadRecord } from '../worlds/load/load-record.js';
import { thisProcess } from '../worlds/load/owner.js';
import { useGeneration } from '../worlds/load/use-generation.js';
import { readPointer, WORLDS_TABLE, type Pointer } from '../worlds/pointer.js';
import type { RowStore } from '../store/row-store.js';
import type { CliContext } from './context.js';
import { SYSTEM_CLOCK } from './system-clock.js';

const HELP = `
Example:
  $ segue worlds list
  $ segue worlds use g20251113021320-48ab9636
  $ segue worlds collect --dry-run
`;

const STATE_NAME: Readonly<Record<LoadState, string>> = {
  [LoadState.UNSPECIFIED]: 'unknown',
  [LoadState.LOADING]: 'loading',
  [LoadState.READY]: 'ready',
  [LoadState.COLLECTING]: 'collecting',
  [LoadState.COLLECTED]: 'collected',
};

export function worldsCommand(context: CliContext): Command {
  const run = async (work: (store: RowStore) => Promise<void>): Promise<void> => {
    const store = context.openStore();
    try {
      await store.createTable(WORLDS_TABLE);
      await work(store);
    } finally {
      await store.close();
    }
  };
  const worlds = new Command('worlds').description(
    'Generations of batch data: list them, choose one, drop what can go.',
  );
  worlds
    .command('list')
    .description('Print generations with state, size and role.')
    .option('--all', 'also those that were dropped', false)
    .action(({ all }: { readonly all: boolean }) => run((store) => list(store, all)));
  worlds
    .command('use <generation>')
    .description('Make a generation current that was loaded before. Running services take it within `worlds.pollMs`.')
    .action((generation: string) =>
      run(async (store) => {
        const { previous } = await useGeneration(store, generation, SYSTEM_CLOCK.nowMs());
        process.stdout.write(`${generation} is current, previous is ${previous || 'none'}\n`);
      }),
    );
  worlds
    .command('collect')
    .description(
      'Drop loads that died and generations that are neither current nor previous. A load that still runs is never dropped, whatever its age; one on another host is watched for 15 seconds.',
    )
    .option('--dry-run', 'only say what would be dropped', false)
    .action(({ dryRun }: { readonly dryRun: boolean }) => run((store) => collect(store, dryRun)));
  return worlds.addHelpText('after', HELP);
}

async function collect(store: RowStore, dryRun: boolean): Promise<void> {
  const found: readonly Collectable[] = dryRun
    ? await findCollectable(store, SYSTEM_CLOCK)
    : await collectAll(store, SYSTEM_CLOCK, thisProcess());
  for (const { generation, reason } of found) {
    process.stdout.write(`${dryRun ? 'would drop' : 'dropped'} ${generation} (${reason})\n`);
  }
  if (found.length === 0) process.stdout.write('nothing to drop\n');
}

async function list(store: RowStore, all: boolean): Promise<void> {
  const pointer = await readPointer(store);
  const records = (await readLoads(store)).map(({ record }) => record);
  const shown = records.filter(({ state }) => all || state !== LoadState.COLLECTED);
  const head = ['GENERATION', 'STATE', 'TRACKS', 'LISTENERS', 'BUILT THROUGH', 'ROLE'];
  const lines = [head, ...shown.map((record) => lineOf(record, pointer))];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  for (const line of lines) {
    process.stdout.write(
      `${line
        .map((cell, column) => cell.padEnd(widths[column]))
        .join('  ')
        .trimEnd()}\n`,
    );
  }
}

function lineOf(record: LoadRecord, pointer: Pointer | undefined): string[] {
  const { generation } = record;
  const role = generation === pointer?.generation ? 'current' : generation === pointer?.previous ? 'previous' : '';
  return [
    generation,
    STATE_NAME[record.state],
    String(record.tracks),
    'listeners' in record.tables ? String(record.tables.listeners) : '-',
    new Date(Number(record.builtThroughMs)).toISOString().slice(0, 19) + 'Z',
    role,
  ];
}
