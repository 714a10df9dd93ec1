/** `segue config`: what this process would run with, or the table of all keys. */
import { Command } from 'commander';
import { configurationMarkdown } from '../config/document.js';
import type { CliContext } from './context.js';

export function configCommand(context: CliContext): Command {
  return new Command('config')
    .description('Checks the configuration and prints it as JSON, keys of clients left out.')
    .option('--markdown', 'print the table of all keys instead (docs/CONFIGURATION.md)', false)
    .addHelpText('after', '\nExample:\n  SEGUE_HTTP_PORT=9000 segue config\n')
    .action((options: { markdown: boolean }) => {
      if (options.markdown) {
        process.stdout.write(configurationMarkdown());
        return;
      }
      const { client, ...rest } = context.config();
      const clients = client.keys.map(({ name }) => ({ name }));
      process.stdout.write(`${JSON.stringify({ ...rest, client: { keys: clients } }, null, 2)}\n`);
    });
}
