import { execFile } from 'node:child_process';
import { access } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { admit } from '../../src/ranking/admission.js';
import { readManifest } from '../../src/ranking/bundle.js';
import { ENTRIES, modelsDir } from './fixture.js';

const ROOT = resolve(import.meta.dirname, '../..');
const PYTHON = process.env.SEGUE_TEST_PYTHON ?? join(ROOT, '.venv/bin/python');

async function python(...args: string[]): Promise<{ code: number; output: string }> {
  return await new Promise((settle) => {
    const env = { PATH: process.env.PATH, PYTHONPATH: join(ROOT, 'models'), PYTHONDONTWRITEBYTECODE: '1' };
    execFile(PYTHON, args, { cwd: ROOT, env, timeout: 550_000 }, (error, stdout, stderr) => {
      settle({ code: error === null ? 0 : 1, output: `${stdout}${stderr}` });
    });
  });
}

/** Python with what training needs, or a line that says how to get it. */
const missing = await (async () => {
  const install = 'npm run setup:python installs it';
  const there = await access(PYTHON).then(
    () => true,
    () => false,
  );
  if (!there) return `${PYTHON} is missing: ${install}`;
  const { code } = await python('-c', 'import jax, optax, onnx, onnxruntime, pyarrow, pytest');
  return code === 0 ? undefined : `${PYTHON} lacks the training packages: ${install}`;
})();

if (missing !== undefined && process.env.CI !== 'true') console.warn(`training: skipped, ${missing}`);

(missing === undefined || process.env.CI === 'true' ? describe : describe.skip)('training', () => {
  beforeAll(() => {
    if (missing !== undefined) throw new Error(missing);
  });

  it('passes its own tests', async () => {
    const { code, output } = await python('-m', 'pytest', '-q', '-p', 'no:cacheprovider', 'models/training/tests');
    expect({ code, output }).toMatchObject({ code: 0 });
  }, 600_000);

  it('writes a bundle that is admitted', async () => {
    const models = await modelsDir();
    const out = join(models, 'next-track', '1.0.0');
    const program = `
import pathlib, sys
from training.tests.test_training import export, train
sys.exit(train([export(pathlib.Path(sys.argv[1]) / "examples", outcomes=True, groups=600)], pathlib.Path(sys.argv[2])))`;
    expect(await python('-c', program, models, out)).toMatchObject({ code: 0 });
    expect((await readManifest(out)).heads).toEqual(['relevance', 'p_complete', 'p_skip']);
    const limits = { timeMs: 60_000, memoryBytes: 1024 ** 3 };
    expect(await admit(out, 500, limits, ENTRIES.child)).toMatchObject({
      admitted: true,
      operators: { bounded: true },
    });
  }, 300_000);
});
