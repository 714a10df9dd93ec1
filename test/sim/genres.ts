/** How genres sound: means that artists and tracks vary around. */
export interface Genre {
  readonly name: string;
  /** Share of artists. */
  readonly share: number;
  readonly tempoBpm: number;
  readonly tempoDeviation: number;
  /** 0 to 1. */
  readonly energy: number;
  /** Detrended fluctuation scale, about 0.8 to 2.2. */
  readonly danceability: number;
  readonly majorShare: number;
  /** dB, about 1 to 15. */
  readonly dynamicComplexity: number;
  readonly durationS: number;
  /** Mean age of a release in years. */
  readonly ageYears: number;
  readonly explicitShare: number;
}

export const GENRES: readonly Genre[] = [
  genre('pop', 0.14, 116, 16, 0.66, 1.25, 0.68, 3.8, 208, 7, 0.12),
  genre('rock', 0.13, 124, 22, 0.74, 1.08, 0.72, 4.2, 238, 18, 0.05),
  genre('hip-hop', 0.12, 92, 18, 0.64, 1.36, 0.42, 4.0, 204, 6, 0.55),
  genre('house', 0.08, 125, 4, 0.78, 1.55, 0.46, 3.1, 276, 6, 0.03),
  genre('electronic', 0.07, 128, 20, 0.7, 1.3, 0.48, 3.9, 262, 8, 0.03),
  genre('indie', 0.09, 118, 20, 0.56, 1.12, 0.66, 4.6, 226, 8, 0.06),
  genre('metal', 0.05, 138, 26, 0.9, 0.96, 0.38, 3.4, 282, 14, 0.14),
  genre('folk', 0.06, 106, 20, 0.36, 1.02, 0.74, 6.1, 216, 15, 0.01),
  genre('soul', 0.06, 98, 16, 0.5, 1.24, 0.56, 4.8, 232, 16, 0.08),
  genre('latin', 0.07, 98, 14, 0.72, 1.42, 0.54, 3.7, 210, 6, 0.16),
  genre('jazz', 0.05, 122, 30, 0.38, 1.06, 0.58, 7.2, 318, 30, 0),
  genre('classical', 0.04, 96, 28, 0.2, 0.9, 0.62, 11.2, 346, 28, 0),
  genre('ambient', 0.04, 88, 18, 0.16, 0.92, 0.52, 7.8, 304, 9, 0),
];

function genre(
  name: string,
  share: number,
  tempoBpm: number,
  tempoDeviation: number,
  energy: number,
  danceability: number,
  majorShare: number,
  dynamicComplexity: number,
  durationS: number,
  ageYears: number,
  explicitShare: number,
): Genre {
  return {
    name,
    share,
    tempoBpm,
    tempoDeviation,
    energy,
    danceability,
    majorShare,
    dynamicComplexity,
    durationS,
    ageYears,
    explicitShare,
  };
}
