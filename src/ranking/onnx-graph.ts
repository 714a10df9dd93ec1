/**
 * Which operators a model file uses, read from its bytes without opening it in the runtime.
 * Field numbers from https://github.com/onnx/onnx/blob/main/onnx/onnx.proto.
 */
import { BundleError } from './bundle-error.js';
import { messageFields, textOf } from './wire-fields.js';

const NODES_MAX = 100_000;
const DEPTH_MAX = 16;

export interface Operators {
  /** How often each is used; `domain.Name` outside the standard domain. */
  readonly counts: Readonly<Record<string, number>>;
  /** Every operator's time and memory follow from the number of rows and the weights alone. */
  readonly bounded: boolean;
}

/**
 * Operators whose work does not depend on the values that flow through them. `Loop`, `Scan` and `If` run what they
 * were given to run; `Expand`, `Tile`, `Range`, `ConstantOfShape`, `Pad`, `Resize` may make tensors of any size.
 */
const BOUNDED = new Set(
  `Abs Add And ArgMax ArgMin BatchNormalization Cast Ceil Clip Concat Constant Div Dropout Elu Equal Erf Exp Flatten
   Floor Gather Gelu Gemm Greater GreaterOrEqual HardSigmoid HardSwish Identity IsInf IsNaN LayerNormalization LeakyRelu
   Less LessOrEqual Log LogSoftmax MatMul Max Mean Min Mish Mul Neg Not Or PRelu Pow Reciprocal ReduceMax ReduceMean
   ReduceMin ReduceSum Relu Reshape Round Selu Shape Sigmoid Sign Slice Softmax Softplus Softsign Split Sqrt Squeeze Sub
   Sum Swish Tanh ThresholdedRelu Transpose Unsqueeze Where Xor ai.onnx.ml.Imputer ai.onnx.ml.LinearClassifier
   ai.onnx.ml.LinearRegressor ai.onnx.ml.Normalizer ai.onnx.ml.Scaler ai.onnx.ml.TreeEnsemble
   ai.onnx.ml.TreeEnsembleClassifier ai.onnx.ml.TreeEnsembleRegressor`.split(/\s+/),
);

/** Fields by message, as far as they lead to nodes, tensors or their placement. */
const MODEL = { graph: 7, functions: 25 };
const GRAPH = { node: 1, initializer: 5, sparseInitializer: 15 };
const FUNCTION = { node: 7, attribute: 11 };
const NODE = { operator: 4, attribute: 5, domain: 7 };
const ATTRIBUTE = { tensor: 5, graph: 6, tensors: 10, graphs: 11, sparse: 22, sparses: 23 };
const SPARSE = { values: 1, indices: 2 };
const TENSOR = { externalData: 13, dataLocation: 14 };

/** @throws BundleError when the bytes are no model, keep data outside the file, or are too large a graph */
export function operatorsOf(model: Uint8Array): Operators {
  const scan = new Scan();
  for (const field of messageFields(model)) {
    if (field.number === MODEL.graph && field.bytes !== undefined) scan.graph(field.bytes, 0);
    if (field.number === MODEL.functions && field.bytes !== undefined) scan.function(field.bytes);
  }
  if (scan.nodes === 0) throw new BundleError('model.onnx: has no graph with nodes');
  const counts = Object.fromEntries([...scan.counts].sort(([a], [b]) => (a < b ? -1 : 1)));
  return { counts, bounded: Object.keys(counts).every((operator) => BOUNDED.has(operator)) };
}

class Scan {
  readonly counts = new Map<string, number>();
  nodes = 0;

  graph(bytes: Uint8Array, depth: number): void {
    if (depth > DEPTH_MAX) throw new BundleError(`model.onnx: graphs inside graphs; allowed: ${DEPTH_MAX} levels`);
    for (const { number, bytes: value } of messageFields(bytes)) {
      if (value === undefined) continue;
      if (number === GRAPH.node) this.node(value, depth);
      else if (number === GRAPH.initializer) this.tensor(value);
      else if (number === GRAPH.sparseInitializer) this.sparse(value);
    }
  }

  function(bytes: Uint8Array): void {
    for (const { number, bytes: value } of messageFields(bytes)) {
      if (value === undefined) continue;
      if (number === FUNCTION.node) this.node(value, 0);
      else if (number === FUNCTION.attribute) this.attribute(value, 0);
    }
  }

  private node(bytes: Uint8Array, depth: number): void {
    if (++this.nodes > NODES_MAX) throw new BundleError(`model.onnx: more than ${NODES_MAX} nodes`);
    let operator = '';
    let domain = '';
    for (const { number, bytes: value } of messageFields(bytes)) {
      if (value === undefined) continue;
      if (number === NODE.operator) operator = textOf(value);
      else if (number === NODE.domain) domain = textOf(value);
      else if (number === NODE.attribute) this.attribute(value, depth);
    }
    const name = domain === '' || domain === 'ai.onnx' ? operator : `${domain}.${operator}`;
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
  }

  private attribute(bytes: Uint8Array, depth: number): void {
    for (const { number, bytes: value } of messageFields(bytes)) {
      if (value === undefined) continue;
      if (number === ATTRIBUTE.tensor || number === ATTRIBUTE.tensors) this.tensor(value);
      else if (number === ATTRIBUTE.graph || number === ATTRIBUTE.graphs) this.graph(value, depth + 1);
      else if (number === ATTRIBUTE.sparse || number === ATTRIBUTE.sparses) this.sparse(value);
    }
  }

  private sparse(bytes: Uint8Array): void {
    for (const { number, bytes: value } of messageFields(bytes)) {
      if (value !== undefined && (number === SPARSE.values || number === SPARSE.indices)) this.tensor(value);
    }
  }

  private tensor(bytes: Uint8Array): void {
    for (const { number, varint } of messageFields(bytes)) {
      if (number === TENSOR.externalData || (number === TENSOR.dataLocation && varint !== 0)) {
        throw new BundleError('model.onnx: keeps weights outside the file; allowed: all weights inside it');
      }
    }
  }
}
