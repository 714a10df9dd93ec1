/** The 16 float32 attributes of a catalogue record, in order. NaN is missing. */
export const ATTRIBUTES = [
  /** Ordinal of the artist, from 0 by falling popularity of the artist's best track. */
  'artist',
  'tempoBpm',
  /** Pitch class, 0 = C to 11 = B. */
  'key',
  /** 1 major, 0 minor. */
  'mode',
  'loudness',
  'danceability',
  'onsetRate',
  'dynamicComplexity',
  'durationS',
  'releaseYear',
  /** 0 to 1, where the catalogue has it. */
  'energy',
  'keyStrength',
  /** Decayed plays over those of the most played track, 0 to 1. */
  'popularity',
  /** 1 explicit, 0 clean. */
  'explicit',
  /** Index into the catalogue's list of market sets; 0 = everywhere. */
  'marketSet',
  /** ln(1 + plays) over all listeners. */
  'logPlays',
] as const;

export type Attribute = (typeof ATTRIBUTES)[number];

export const ATTRIBUTE_COUNT = 16;
export const EMBEDDING_SIZE = 64;

/** Index of an attribute within a record. */
export const ATTRIBUTE = Object.fromEntries(ATTRIBUTES.map((name, index) => [name, index])) as Readonly<
  Record<Attribute, number>
>;
