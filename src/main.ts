/** Boots Segue. */
import { prepareDirectories } from './directories.js';
import { run } from './process/run.js';

await run(async (composition) => {
  const { composeParts } = await import('./app.module.js');
  return composeParts(composition);
}, prepareDirectories);
