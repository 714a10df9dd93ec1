/** Logarithmic bins of gaps counted in plays: bin b starts at 4 * e^(0.2 b); 28 bins reach about 900 plays, the last takes the rest. */
export const GAP_BINS = 28;

const TABLE_SIZE = 1_024;
const TABLE = Uint8Array.from({ length: TABLE_SIZE }, (_, gap) =>
  gap <= 4 ? 0 : Math.min(GAP_BINS - 1, Math.floor(Math.log(gap / 4) / 0.2)),
);

export function gapBin(gapPlays: number): number {
  return gapPlays < TABLE_SIZE ? (TABLE[gapPlays < 0 ? 0 : gapPlays] ?? 0) : GAP_BINS - 1;
}
