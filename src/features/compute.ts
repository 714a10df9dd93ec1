/** Fills the feature matrix; the registry says what each column means. */
import type { Frame } from './frame.js';
import { columnsOf, FEATURE_NAMES } from './registry.js';

/**
 * Writes the features of candidates into their working memory: a matrix, row-major, one row a slot, NaN where a value is missing.
 *
 * @param names of features, in the order of the columns
 * @returns `slots.length * names.length`, valid until the candidates are emptied
 * @throws RangeError for a name that is not in the registry
 */
export function computeFeatures(frame: Frame, slots: Uint32Array, names: readonly string[]): Float32Array<ArrayBuffer> {
  const columns = columnsOf(names);
  const all = FEATURE_NAMES.length;
  const matrix = frame.candidates.columns.matrix(slots.length * all);
  frame.kernel.features(frame, slots, matrix);
  if (columns.length === all && columns.every((column, i) => column === i)) return matrix;
  const chosen = new Float32Array(slots.length * columns.length);
  for (let row = 0, at = 0; row < slots.length; row++) {
    for (const column of columns) chosen[at++] = matrix[row * all + column];
  }
  return chosen;
}
