/** What a bundle says of itself: `manifest.json`. */
import { z } from 'zod';

/** Heads a bundle may have; `relevance` it must have. */
export const HEADS = ['relevance', 'p_complete', 'p_skip', 'p_save'] as const;
export type HeadName = (typeof HEADS)[number];

export const FEATURES_MAX = 512;
export const CALIBRATION_POINTS_MAX = 1000;
export const NAME_PATTERN = /^[a-z0-9][a-z0-9-]{0,63}$/;
/** https://semver.org, without build metadata. */
export const VERSION_PATTERN = /^\d{1,9}\.\d{1,9}\.\d{1,9}(-[0-9A-Za-z.-]{1,32})?$/;

const head = z.enum(HEADS);
const finite = z.number();
const fingerprint = z.string().regex(/^[\w:.-]{1,128}$/, 'letters, digits, `_`, `:`, `.`, `-`; at most 128');

const platt = z.strictObject({ kind: z.literal('platt'), a: finite, b: finite });
const isotonic = z.strictObject({
  kind: z.literal('isotonic'),
  /** [score, probability], scores rising, probabilities in [0, 1] and not falling. */
  points: z
    .array(z.tuple([finite, z.number().min(0).max(1)]))
    .min(2)
    .max(CALIBRATION_POINTS_MAX)
    .refine(rising, 'scores must rise and probabilities must not fall from point to point'),
});
const identity = z.strictObject({ kind: z.literal('identity') });

/**
 * How a head's score becomes a probability: `platt` is 1 / (1 + exp(-(a score + b))), `isotonic` interpolates between
 * its points, `identity` is for a head that gives probabilities.
 */
export const calibrationSchema = z.discriminatedUnion('kind', [platt, isotonic, identity]);
export type Calibration = z.infer<typeof calibrationSchema>;

export const manifestSchema = z
  .strictObject({
    format: z.literal(1),
    name: z.string().regex(NAME_PATTERN, 'lower-case letters, digits, `-`; at most 64'),
    version: z.string().regex(VERSION_PATTERN, 'a semantic version, as 1.0.0'),
    /** Of model.onnx. */
    sha256: z.string().regex(/^[0-9a-f]{64}$/, '64 hexadecimal digits'),
    featureNames: z
      .array(z.string().regex(/^[a-z][a-z0-9_]{0,63}$/, 'lower-case letters, digits, `_`; at most 64'))
      .min(1)
      .max(FEATURES_MAX)
      .refine(distinct, 'each feature once'),
    registryFingerprint: fingerprint,
    heads: z.array(head).min(1).max(HEADS.length).refine(distinct, 'each head once'),
    /** The order is by the sum of weight times head score. */
    combination: z.partialRecord(head, finite),
    calibration: z.partialRecord(head, calibrationSchema),
    /** u = bias + the sum of weight times calibrated head, in [0, 1] for all values of the heads. */
    utility: z.strictObject({ bias: finite, weights: z.partialRecord(head, finite) }),
    dataFingerprint: fingerprint,
    /** First and last play that the examples were made of, epoch milliseconds or ISO times. */
    window: z.strictObject({ from: z.union([finite, z.string().max(64)]), to: z.union([finite, z.string().max(64)]) }),
    metrics: z.record(z.string().max(64), finite),
    framework: z.string().min(1).max(256),
    createdAt: z.iso.datetime({ offset: true }),
  })
  .superRefine((manifest, context) => {
    const refuse = (path: (string | number)[], message: string, input: unknown): void => {
      context.addIssue({ code: 'custom', path, message, input });
    };
    const heads = new Set<string>(manifest.heads);
    if (!heads.has('relevance')) refuse(['heads'], 'must contain relevance', manifest.heads);
    for (const [part, record] of [
      ['combination', manifest.combination],
      ['calibration', manifest.calibration],
    ] as const) {
      for (const name of Object.keys(record)) {
        if (!heads.has(name)) refuse([part, name], `one of the heads: ${manifest.heads.join(', ')}`, name);
      }
    }
    if (!Object.values(manifest.combination).some((weight) => weight !== 0)) {
      refuse(['combination'], 'at least one head with a weight other than 0', manifest.combination);
    }
    for (const name of Object.keys(manifest.utility.weights)) {
      if (!(name in manifest.calibration)) {
        refuse(['utility', 'weights', name], 'a head that has a calibration', name);
      }
    }
    const [least, most] = utilityRange(manifest.utility);
    if (least < -1e-9 || most > 1 + 1e-9) {
      refuse(['utility'], `weights that keep utility in [0, 1]; these give ${least} to ${most}`, manifest.utility);
    }
  });

export type Manifest = z.infer<typeof manifestSchema>;

/** Least and most utility, calibrated heads being in [0, 1]. */
function utilityRange({
  bias,
  weights,
}: {
  bias: number;
  weights: Partial<Record<HeadName, number>>;
}): [number, number] {
  let least = bias;
  let most = bias;
  for (const weight of Object.values(weights)) {
    least += Math.min(0, weight);
    most += Math.max(0, weight);
  }
  return [least, most];
}

function distinct(values: readonly string[]): boolean {
  return new Set(values).size === values.length;
}

function rising(points: readonly (readonly [number, number])[]): boolean {
  return points.slice(1).every(([score, probability], i) => score > points[i][0] && probability >= points[i][1]);
}
