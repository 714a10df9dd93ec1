/** `segue load`: a build becomes the current world. */
import { Command } from 'commander';
import { loadWorld } from '../worlds/load/load-world.js';
import { thisProcess } from '../worlds/load/owner.js';
import type { CliContext } from './context.js';
import { SYSTEM_CLOCK } from './system-clock.js';
import { tableProgress } from './table-progress.js';

interface Options {
  readonly generation?: string;
  readonly force: boolean;
}

const HELP = `
The new generation is written beside the one that serves, and running services take it within \`worlds.pollMs\`, without
dropping a request. A load that was killed goes on where it was when the same command is given again. Two generations are
kept: the current one and the one before, to which \`segue worlds use\` goes back.

Example:
  $ segue build --plays plays.csv --tracks tracks.csv --out world
  $ segue load world
`;

export function loadCommand(context: CliContext): Command {
  return new Command('load')
    .description('Load a build as the next generation, and make it current. Does nothing when it is loaded already.')
    .argument('<dir>', 'directory that `segue build` wrote')
    .option('--generation <name>', 'name of the generation (default: from the build, g<time>-<fingerprint>)')
    .option('--force', 'load again, under a new name, what is loaded already', false)
    .addHelpText('after', HELP)
    .action(async (directory: string, { generation, force }: Options) => {
      const store = context.openStore();
      const progress = tableProgress(process.stderr);
      try {
        const result = await loadWorld(directory, {
          store,
          owner: thisProcess(),
          clock: SYSTEM_CLOCK,
          force,
          ...(generation === undefined ? {} : { generation }),
          onProgress: progress.update,
        });
        progress.end();
        if (result.outcome === 'already') {
          process.stdout.write(`${result.generation} was loaded before and is current\n`);
        } else {
          const tables = Object.entries(result.tables).map(([table, rows]) => `${table} ${rows}`);
          process.stdout.write(`${result.generation} is loaded and current; rows: ${tables.sort().join(', ')}\n`);
        }
        if (result.dropped.length > 0) process.stdout.write(`dropped ${result.dropped.join(', ')}\n`);
      } finally {
        progress.end();
        await store.close();
      }
    });
}
