/** Every feature there is, in the order of the matrix: one definition for serving and for the training export. */
import { createHash } from 'node:crypto';
import { artist } from './definitions/artist.js';
import { audio } from './definitions/audio.js';
import { history } from './definitions/history.js';
import { popularity } from './definitions/popularity.js';
import { retrieval } from './definitions/retrieval.js';
import { rotation } from './definitions/rotation.js';
import { session } from './definitions/session.js';
import { taste } from './definitions/taste.js';
import type { FeatureDefinition } from './feature.js';

/** In the order in which `wasm/features` writes them. */
export const FEATURES: readonly FeatureDefinition[] = [
  retrieval,
  popularity,
  history,
  rotation,
  session,
  taste,
  audio,
  artist,
].flat();

export const FEATURE_NAMES: readonly string[] = FEATURES.map(({ name }) => name);

/** Raised whenever the meaning of a feature changes though its description does not. */
const REVISION = 1;

/** sha256 over what the features are called and mean. A bundle trained on other features is refused. */
export const REGISTRY_FINGERPRINT = createHash('sha256')
  .update(
    JSON.stringify([REVISION, FEATURES.map(({ name, group, unit, range, doc }) => [name, group, unit, range, doc])]),
  )
  .digest('hex');

const columns = new WeakMap<readonly string[], readonly number[]>();

/** Where each name stands in the registry; worked out once for each list. @throws RangeError for a name that is not in it */
export function columnsOf(names: readonly string[]): readonly number[] {
  let found = columns.get(names);
  if (found === undefined) {
    found = names.map(columnOf);
    columns.set(names, found);
  }
  return found;
}

function columnOf(name: string): number {
  const column = FEATURE_NAMES.indexOf(name);
  if (column < 0) {
    throw new RangeError(`feature ${name} is not in the registry; known are ${FEATURE_NAMES.join(', ')}`);
  }
  return column;
}
