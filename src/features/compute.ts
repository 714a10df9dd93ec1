/** Fills the feature matrix; the registry says what each column means. */
import type { FeatureDefinition } from './feature.js';
import type { Frame } from './frame.js';

/**
 * @param slots of the candidates, one row each
 * @param out row-major, `slots.length * features.length`
 */
export function computeFeatures(
  frame: Frame,
  slots: Uint32Array,
  features: readonly FeatureDefinition[],
  out: Float32Array,
): void {
  const width = features.length;
  features.forEach(({ compute }, column) => {
    for (let row = 0; row < slots.length; row++) out[row * width + column] = compute(frame, slots[row] ?? 0);
  });
}
