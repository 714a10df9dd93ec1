/** A models directory whose `next-track` takes about a millisecond for 500 rows. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { BenchContext } from '../context.js';
import { SHIPPED_MODEL } from '../demo.js';
import { benchPython } from './python.js';

const run = promisify(execFile);
const SCRIPT = join('bench', 'rivals', 'slow_model.py');

export interface SlowModel {
  /** For SEGUE_MODELS_DIR. */
  readonly modelsDir: string;
  /** The bundle. */
  readonly modelDir: string;
}

/** Made once a run. */
export function slowModel(context: BenchContext): Promise<SlowModel> {
  return context.shared('slow-model', async () => {
    const modelsDir = join(context.workDir, 'slow-models');
    const modelDir = join(modelsDir, 'next-track', '1.0.0');
    await run(await benchPython(context), [SCRIPT, SHIPPED_MODEL, modelDir]);
    return { modelsDir, modelDir };
  });
}
