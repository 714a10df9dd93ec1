/** Boots Segue. */
import 'reflect-metadata';
import { composeParts } from './app.module.js';
import { run } from './process/run.js';

await run(composeParts);
