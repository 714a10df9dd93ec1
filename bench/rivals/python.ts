/** The bench's own Python environment, `.venv-bench`: made once, made again when what it needs has changed. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { BenchContext } from '../context.js';

const run = promisify(execFile);
const VENV = '.venv-bench';
const REQUIREMENTS = join('bench', 'rivals', 'fastapi', 'requirements.txt');

/** @returns path of a Python with the pinned packages. @throws Error that says what is missing */
export function benchPython(context: BenchContext): Promise<string> {
  return context.shared('python', async () => {
    const python = resolve(VENV, 'bin', 'python');
    const stamp = createHash('sha256')
      .update(await readFile(REQUIREMENTS))
      .digest('hex');
    const stampFile = join(VENV, '.stamp');
    const made = await readFile(stampFile, 'utf8').catch(() => '');
    if (made.trim() === stamp) return python;
    context.progress(`installing ${REQUIREMENTS} into ${VENV}`);
    const base = process.env.PYTHON ?? 'python3';
    await rm(VENV, { recursive: true, force: true });
    try {
      await run(base, ['-m', 'venv', VENV]);
      await run(python, [
        '-m',
        'pip',
        'install',
        '--quiet',
        '--disable-pip-version-check',
        '--no-deps',
        '--no-compile',
        '-r',
        REQUIREMENTS,
      ]);
    } catch (error) {
      const { stderr = '' } = error as { stderr?: string };
      throw new Error(
        `${VENV} could not be made with ${base} (Python 3.11 or later with venv; PYTHON names another; Debian: ` +
          `apt-get install python3-venv): ${stderr.trim().split('\n').at(-1) ?? ''}`,
        { cause: error },
      );
    }
    await writeFile(stampFile, `${stamp}\n`);
    return python;
  });
}
