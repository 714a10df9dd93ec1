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

export const FEATURES: readonly FeatureDefinition[] = [
  ...retrieval,
  ...popularity,
  ...history,
  ...rotation,
  ...session,
  ...taste,
  ...audio,
  ...artist,
];

export const FEATURE_NAMES: readonly string[] = FEATURES.map(({ name }) => name);

/** Raised whenever the meaning of a feature changes though its description does not. */
const REVISION = 1;

/** sha256 over what the features are called and mean. A bundle trained on other features is refused. */
export const REGISTRY_FINGERPRINT = createHash('sha256')
  .update(
    JSON.stringify([REVISION, FEATURES.map(({ name, group, unit, range, doc }) => [name, group, unit, range, doc])]),
  )
  .digest('hex');

const BY_NAME = new Map(FEATURES.map((feature) => [feature.name, feature]));

/** @throws RangeError for a name that is not in the registry */
export function definitionsOf(names: readonly string[]): readonly FeatureDefinition[] {
  return names.map((name) => {
    const feature = BY_NAME.get(name);
    if (feature === undefined) {
      throw new RangeError(`feature ${name} is not in the registry; known are ${FEATURE_NAMES.join(', ')}`);
    }
    return feature;
  });
}
