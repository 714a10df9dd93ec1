/** `segue tables`: what a new store needs before the first start. */
import { Command } from 'commander';
import { LIVE_TABLES } from '../store/tables.js';
import type { CliContext } from './context.js';

export function tablesCommand(context: CliContext): Command {
  const tables = new Command('tables').description('Tables of the row store.');
  tables
    .command('create')
    .description(
      'Create the live tables that are missing. Those of a generation are made by `segue load`. Safe to repeat.',
    )
    .action(async () => {
      const store = context.openStore();
      try {
        for (const table of LIVE_TABLES) {
          await store.createTable(table);
          process.stdout.write(`${table}\n`);
        }
      } finally {
        await store.close();
      }
    });
  tables
    .command('list')
    .description('Print the names of all tables, one a line.')
    .action(async () => {
      const store = context.openStore();
      try {
        for (const table of await store.listTables()) process.stdout.write(`${table}\n`);
      } finally {
        await store.close();
      }
    });
  return tables.addHelpText('after', '\nExample:\n  $ segue tables create\n');
}
