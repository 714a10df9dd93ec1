/** The Python that dbt runs in. */
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { SegueError } from '../../errors.js';

const SETUP =
  'run `npm run setup:python`, or name a Python with dbt-duckdb (pipelines/requirements.txt) as SEGUE_PYTHON';

export function missingPython(what: string, cause?: unknown): SegueError {
  return new SegueError('SEGUE_UNAVAILABLE', `${what}: ${SETUP}`, undefined, { cause });
}

/**
 * @param given a configured Python; else the environment that `npm run setup:python` makes
 * @throws SegueError that names the command to run
 */
export async function findPython(root: string, given: string | undefined): Promise<string> {
  if (given !== undefined) return given;
  const python = join(root, '.venv', 'bin', 'python');
  try {
    await access(python, constants.X_OK);
    return python;
  } catch (error) {
    throw missingPython('The Python environment is missing', error);
  }
}
