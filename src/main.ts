/** Boots Segue. */
import { run } from './process/run.js';

await run(async (composition) => {
  const { composeParts } = await import('./app.module.js');
  return composeParts(composition);
});
