import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BundleError } from './bundle-error.js';
import { operatorsOf } from './onnx-graph.js';

function model(name: string): Uint8Array {
  return readFileSync(join(import.meta.dirname, '../../test/fixtures/models', name, '1.0.0/model.onnx'));
}

describe('the operators of a model', () => {
  it('are counted', () => {
    expect(operatorsOf(model('normal'))).toEqual({
      counts: { Cast: 1, Concat: 1, Gemm: 1, IsNaN: 1, MatMul: 1, Relu: 1, Where: 1 },
      bounded: true,
    });
  });

  it('are found inside a loop too, and make it unbounded', () => {
    const { counts, bounded } = operatorsOf(model('growing-memory'));
    expect(counts).toMatchObject({ Loop: 1, Concat: 1, Identity: 1 });
    expect(bounded).toBe(false);
  });

  it('are unbounded where a tensor may have any size', () => {
    expect(operatorsOf(model('huge-memory')).bounded).toBe(false);
  });

  it('are not looked at when weights are outside the file', () => {
    expect(() => operatorsOf(model('outside-weights'))).toThrow('model.onnx: keeps weights outside the file');
  });

  it('of any bytes are found or refused, never anything else', () => {
    const sound = model('endless-loop');
    const mutant = fc
      .tuple(fc.nat(sound.length), fc.array(fc.tuple(fc.nat(sound.length - 1), fc.nat(255)), { maxLength: 8 }))
      .map(([length, changes]) => {
        const bytes = sound.slice(0, length);
        for (const [at, value] of changes) if (at < length) bytes[at] = value;
        return bytes;
      });
    fc.assert(
      fc.property(fc.oneof(mutant, fc.uint8Array({ maxLength: 200 })), (bytes) => {
        try {
          operatorsOf(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(BundleError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
