/** What a bundle must pass before it may serve. Runs in a child process: a hostile model may kill whoever opens it. */
import { BundleError, firstLine } from './bundle-error.js';
import { readBundle, readModel, type Bundle } from './bundle.js';
import { goldenMatrix, withinTolerance } from './golden.js';
import { headScores } from './heads.js';
import type { Manifest } from './manifest.js';
import { ModelSession } from './model-session.js';
import { operatorsOf, type Operators } from './onnx-graph.js';
import type { HeadScores } from './ranker.js';
import { ScoreBlock } from './score-block.js';

const ROUNDS = 20;
const RUNS_A_ROUND = 100;
/** A slow model is measured by fewer runs. */
const ROUND_MS_MAX = 250;
const WARM_UP_RUNS = 20;

export interface Admitted {
  readonly admitted: true;
  /**
   * Of one run over `width` rows, warm: processor time where that is less than the clock's, and the least of five
   * rounds, so that a busy machine does not decide the placement.
   */
  readonly p99Ms: number;
  readonly operators: Operators;
  readonly modelBytes: number;
}

/**
 * @param width rows of the largest request
 * @param step told what begins, so that whoever watches knows where it ended
 * @throws BundleError with the reason
 */
export async function checkBundle(
  dir: string,
  width: number,
  step: (name: string) => void,
  nowMs: () => number,
): Promise<Admitted> {
  step('reading the files');
  const bundle = await readBundle(dir);
  const model = await readModel(bundle);
  const operators = operatorsOf(model);
  step('opening the model');
  const session = await ModelSession.open(model, bundle.manifest);
  step('scoring the golden rows');
  await checkGolden(session, bundle, bundle.golden.rows.length);
  step('scoring rows without any value');
  await checkMissing(session, bundle.manifest);
  step(`scoring ${width} rows`);
  await checkGolden(session, bundle, width);
  step(`measuring runs of ${width} rows`);
  const p99Ms = await measureP99(
    session,
    goldenMatrix(bundle.golden, width),
    new ScoreBlock(bundle.manifest.heads, width),
    nowMs,
  );
  await session.release();
  return { admitted: true, p99Ms, operators, modelBytes: model.length };
}

/** The golden rows, repeated up to `rows`: a row's score may not depend on the rows beside it. */
async function checkGolden(session: ModelSession, { manifest, golden }: Bundle, rows: number): Promise<void> {
  const scored = await score(session, manifest, goldenMatrix(golden, rows), rows);
  const compare = (name: string, given: Float32Array | undefined, expected: readonly number[]): void => {
    for (let row = 0; row < rows; row++) {
      const want = expected[row % golden.rows.length] ?? NaN;
      const got = given?.[row] ?? NaN;
      if (withinTolerance(got, want)) continue;
      const among = rows === golden.rows.length ? '' : ` among ${rows} rows`;
      throw new BundleError(
        `golden.json: ${name}: row ${row % golden.rows.length}${among} gives ${got}; allowed: ${want}, to 1e-4`,
      );
    }
  };
  for (const head of manifest.heads) compare(`scores.${head}`, scored.heads[head], golden.scores[head] ?? []);
  compare('combined', scored.combined, golden.combined);
}

async function checkMissing(session: ModelSession, manifest: Manifest): Promise<void> {
  await score(session, manifest, new Float32Array(2 * manifest.featureNames.length).fill(NaN), 2);
}

async function score(
  session: ModelSession,
  manifest: Manifest,
  matrix: Float32Array,
  rows: number,
): Promise<HeadScores> {
  try {
    const block = new ScoreBlock(manifest.heads, rows);
    await session.run(matrix, block);
    return headScores(manifest, block);
  } catch (error) {
    throw new BundleError(`model.onnx: ${firstLine(error)}`, { cause: error });
  }
}

async function measureP99(
  session: ModelSession,
  matrix: Float32Array,
  block: ScoreBlock,
  nowMs: () => number,
): Promise<number> {
  for (let run = 0; run < WARM_UP_RUNS; run++) await session.run(matrix, block);
  let least = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const times: number[] = [];
    const startedMs = nowMs();
    while (times.length < RUNS_A_ROUND && nowMs() - startedMs < ROUND_MS_MAX) {
      const beganMs = nowMs();
      const cpu = process.cpuUsage();
      await session.run(matrix, block);
      const { user, system } = process.cpuUsage(cpu);
      times.push(Math.min(nowMs() - beganMs, (user + system) / 1000));
    }
    times.sort((a, b) => a - b);
    least = Math.min(least, times[Math.ceil(times.length * 0.99) - 1] ?? Infinity);
  }
  return least;
}
