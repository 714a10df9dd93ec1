import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { admit, type Admission } from '../../src/ranking/admission.js';
import { ENTRIES, fixture, modelsDir, publish } from './fixture.js';

const LIMITS = { timeMs: 30_000, memoryBytes: 1024 ** 3 };

async function admitted(dir: string, limits = LIMITS): Promise<Admission> {
  return await admit(dir, 500, limits, ENTRIES.child);
}

describe('admission', () => {
  it('admits a sound bundle and says what it is made of', async () => {
    const result = await admitted(fixture('normal'));
    expect(result).toMatchObject({
      admitted: true,
      operators: { bounded: true, counts: { Gemm: 1, IsNaN: 1, MatMul: 1 } },
    });
    expect(result.admitted && result.p99Ms).toBeGreaterThan(0);
  });

  it('admits several heads, each with its calibration', async () => {
    expect(await admitted(fixture('outcomes'))).toMatchObject({ admitted: true });
  });

  it('finds that the work of a loop has no bound', async () => {
    expect(await admitted(fixture('stuck-over-1000'))).toMatchObject({ admitted: true, operators: { bounded: false } });
  });

  it.each([
    ['wrong-sha256', /^model\.onnx: its sha256 is [0-9a-f]{64}; allowed: 0{64}/],
    ['truncated', /^model\.onnx: is no ONNX model/],
    ['corrupt', /^model\.onnx: is no ONNX model/],
    ['outside-weights', /^model\.onnx: keeps weights outside the file/],
    ['wrong-shape', /^model\.onnx: input features: given float32 of shape \[rows, 3\]; allowed: .*\[rows, 4\]/],
    ['wrong-head', /^model\.onnx: outputs: given p_skip; allowed: the manifest's heads, relevance/],
    ['wrong-golden', /^golden\.json: scores\.relevance: row 0 gives 0\.51\d+; allowed: 0\.52\d+/],
    ['nan-output', /^model\.onnx: relevance: score of row 0 is NaN; allowed: a finite number/],
    ['missing-is-nan', /^model\.onnx: relevance: score of row 0 is NaN; allowed: a finite number/],
    ['batch-dependent', /^golden\.json: scores\.relevance: row 0 among 500 rows gives 0\.002/],
    ['huge-memory', /^model\.onnx: /],
    ['growing-memory', /^model\.onnx: /],
  ])('refuses %s', async (name, reason) => {
    const result = await admitted(fixture(name));
    expect(result).toEqual({ admitted: false, reason: expect.stringMatching(reason) as string });
  });

  it('ends a model that never ends', async () => {
    const result = await admitted(fixture('endless-loop'), { ...LIMITS, timeMs: 3000 });
    expect(result).toEqual({
      admitted: false,
      reason: expect.stringMatching(/^model\.onnx: took longer than 3000 ms while scoring the golden rows/) as string,
    });
  });

  it('ends a child that takes more memory than it may, where nothing else bounds it', async () => {
    const result = await admitted(fixture('normal'), { ...LIMITS, memoryBytes: 1024 ** 2 });
    expect(result).toEqual({
      admitted: false,
      reason: expect.stringMatching(/^model\.onnx: took more than 1048576 bytes of memory while /) as string,
    });
  });

  it('survives a child that crashes', async () => {
    const entry = join(await mkdtemp(join(tmpdir(), 'segue-crash-')), 'crash.mjs');
    await writeFile(
      entry,
      'process.send({ step: "opening the model" }, () => process.kill(process.pid, "SIGSEGV"));\n',
    );
    expect(await admit(fixture('normal'), 500, LIMITS, pathToFileURL(entry))).toEqual({
      admitted: false,
      reason: 'model.onnx: ended the process that opened it (SIGSEGV) while opening the model',
    });
  });

  it('gives the child no environment', async () => {
    const entry = join(await mkdtemp(join(tmpdir(), 'segue-env-')), 'env.mjs');
    const code = `process.send({ result: { admitted: false, reason: Object.keys(process.env).sort().join() } });
      process.disconnect();`;
    await writeFile(entry, code);
    const result = await admit(fixture('normal'), 500, LIMITS, pathToFileURL(entry));
    expect(result.admitted ? '' : result.reason).not.toMatch(/SEGUE|PATH|HOME|USER/);
  });

  it('refuses golden rows that do not fit the manifest, before the model is opened', async () => {
    const dir = await publish(await modelsDir(), 'normal', 'short', '1.0.0', { featureNames: ['alpha', 'beta'] });
    expect(await admitted(dir)).toEqual({
      admitted: false,
      reason: 'golden.json: rows[0]: given 4 values; allowed: 2, one a feature',
    });
  });
});
