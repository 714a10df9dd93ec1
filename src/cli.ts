#!/usr/bin/env node
/** The `segue` command. */
import { Command } from 'commander';
import { createNoCache } from './cache/switched-off.js';
import { buildCommand } from './commands/build.js';
import { configCommand } from './commands/config.js';
import type { CliContext } from './commands/context.js';
import { evaluateCommand } from './commands/evaluate.js';
import { evaluateSplitCommand } from './commands/evaluate-split.js';
import { featuresCommand } from './commands/features.js';
import { loadCommand } from './commands/load.js';
import { promotionsCommand } from './commands/promotions.js';
import { tablesCommand } from './commands/tables.js';
import { worldsCommand } from './commands/worlds.js';
import { ConfigError, loadConfig, type Config } from './config.js';
import { openConfiguredStore, openScratchStore } from './drivers.js';

const EXAMPLES = `
From plays to answered requests:
  $ segue build --plays plays.csv --tracks tracks.csv --out world
  $ segue load world
  $ npm start

Each command has its own --help. Configuration is SEGUE_* variables and segue.yaml: see docs/CONFIGURATION.md.
`;

let config: Config | undefined;
const context: CliContext = {
  config: () => (config ??= loadConfig()),
  openStore: () => openConfiguredStore(context.config()),
  openScratchStore,
  openNoCache: createNoCache,
};

const program = new Command('segue')
  .description('Segue decides what plays next. These commands build and load worlds, train rankers and evaluate them.')
  .addCommand(buildCommand(context))
  .addCommand(configCommand(context))
  .addCommand(evaluateCommand(context))
  .addCommand(evaluateSplitCommand())
  .addCommand(featuresCommand(context))
  .addCommand(loadCommand(context))
  .addCommand(promotionsCommand(context))
  .addCommand(tablesCommand(context))
  .addCommand(worldsCommand(context))
  .addHelpText('after', EXAMPLES)
  .showHelpAfterError('(add --help for the options)');

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(error instanceof ConfigError ? `${error.message}\n` : `segue: ${messageOf(error)}\n`);
  process.exitCode = 1;
}

/** What a person can act on has a name of its own; anything else is a fault, and its stack says where. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isFault = ['TypeError', 'ReferenceError'].includes(error.name);
  return isFault ? (error.stack ?? error.message) : error.message;
}
