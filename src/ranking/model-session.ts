/** One model opened in ONNX Runtime, on one thread. `run` blocks the thread that calls it. */
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { BundleError, firstLine } from './bundle-error.js';
import { HEADS, type Manifest } from './manifest.js';
import type { ScoreBlock } from './score-block.js';

/** Name of a bundle's one input: `[rows, features]` float32, NaN where a value is missing. */
export const INPUT = 'features';

export class ModelSession {
  private outputs: { readonly of: ScoreBlock; readonly tensors: Readonly<Record<string, Tensor>> } | undefined;

  private constructor(
    private readonly session: InferenceSession,
    private readonly manifest: Manifest,
  ) {}

  /** @throws BundleError when the runtime refuses the model, or its inputs and outputs are not the manifest's */
  static async open(model: Uint8Array, manifest: Manifest): Promise<ModelSession> {
    let session: InferenceSession;
    try {
      session = await InferenceSession.create(model, {
        executionProviders: ['cpu'],
        executionMode: 'sequential',
        intraOpNumThreads: 1,
        interOpNumThreads: 1,
        logSeverityLevel: 4,
      });
    } catch (error) {
      throw new BundleError(`model.onnx: refused by the runtime (${firstLine(error)})`, { cause: error });
    }
    const misfit = inputMisfit(session, manifest) ?? outputMisfit(session, manifest);
    if (misfit === undefined) return new ModelSession(session, manifest);
    await session.release();
    throw new BundleError(`model.onnx: ${misfit}`);
  }

  /**
   * Writes one score a row for each head, as the model gives them, into the block; the combination and utility are left alone.
   *
   * @param matrix row-major, `block.rows * features`
   * @throws Error when the runtime fails or gives another number of scores
   */
  async run(matrix: Float32Array, block: ScoreBlock): Promise<void> {
    const features = new Tensor('float32', matrix, [block.rows, this.manifest.featureNames.length]);
    await this.session.run({ [INPUT]: features }, this.tensorsOf(block));
  }

  /** Tensors over the block's memory, which spares the runtime memory of its own for each output of each run. */
  private tensorsOf(block: ScoreBlock): Readonly<Record<string, Tensor>> {
    if (this.outputs?.of !== block) {
      const tensors: Record<string, Tensor> = {};
      for (const { name, ...output } of this.session.outputMetadata) {
        const head = this.manifest.heads.find((each) => each === name);
        const scores = head && block.heads[head];
        const dims = output.isTensor && output.shape.length === 2 ? [block.rows, 1] : [block.rows];
        if (scores !== undefined) tensors[name] = new Tensor('float32', scores, dims);
      }
      this.outputs = { of: block, tensors };
    }
    return this.outputs.tensors;
  }

  /** Frees the native memory; no run may follow. */
  async release(): Promise<void> {
    await this.session.release();
  }
}

function inputMisfit({ inputMetadata }: InferenceSession, { featureNames }: Manifest): string | undefined {
  const input = inputMetadata.at(0);
  const allowed = `one input ${INPUT}, float32 of shape [rows, ${featureNames.length}] with any number of rows`;
  if (input === undefined || inputMetadata.length > 1 || input.name !== INPUT) {
    return `inputs: given ${inputMetadata.map(({ name }) => name).join(', ')}; allowed: ${allowed}`;
  }
  const fits =
    input.isTensor &&
    input.type === 'float32' &&
    input.shape.length === 2 &&
    typeof input.shape[0] === 'string' &&
    input.shape[1] === featureNames.length;
  return fits ? undefined : `input ${INPUT}: given ${typeOf(input)}; allowed: ${allowed}`;
}

function outputMisfit({ outputMetadata }: InferenceSession, { heads }: Manifest): string | undefined {
  const names = outputMetadata.map(({ name }) => name);
  const known = names.filter((name) => HEADS.some((head) => head === name));
  if (names.length !== heads.length || known.length !== heads.length || !heads.every((head) => names.includes(head))) {
    return `outputs: given ${names.join(', ')}; allowed: the manifest's heads, ${heads.join(', ')}`;
  }
  for (const output of outputMetadata) {
    const fits =
      output.isTensor &&
      output.type === 'float32' &&
      (output.shape.length === 1 || (output.shape.length === 2 && output.shape[1] === 1)) &&
      typeof output.shape[0] === 'string';
    if (!fits) return `output ${output.name}: given ${typeOf(output)}; allowed: float32 of shape [rows] or [rows, 1]`;
  }
  return undefined;
}

function typeOf(value: InferenceSession.ValueMetadata): string {
  return value.isTensor ? `${value.type} of shape [${value.shape.join(', ')}]` : 'no tensor';
}
