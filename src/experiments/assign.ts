/** One variant a request, by a pure function of the listener and the flags. */

/** What a variant may change. */
export interface VariantParameters {
  /** Name of the ranker's bundle. */
  readonly ranker: string;
  /** Weights of the sequence terms against one standard deviation of score. */
  readonly sequence: {
    readonly tempo: number;
    readonly key: number;
    readonly energy: number;
  };
}

export interface Variant {
  readonly name: string;
  readonly parameters: VariantParameters;
}

export const DEFAULT_VARIANT: Variant = {
  name: 'default',
  parameters: { ranker: 'next-track', sequence: { tempo: 0.25, key: 0.04, energy: 0.25 } },
};

/** @returns the variant of this listener; the default while no experiment runs. */
export function assignVariant(_listenerId: string, rankerName: string): Variant {
  if (rankerName === DEFAULT_VARIANT.parameters.ranker) return DEFAULT_VARIANT;
  return { ...DEFAULT_VARIANT, parameters: { ...DEFAULT_VARIANT.parameters, ranker: rankerName } };
}
