/** How good slates were, measured against the track that was played. Every number is over all requests. */

/** Positions that count. */
export const AT = 20;

export interface Quality {
  readonly hitRate20: number;
  readonly mrr20: number;
  readonly ndcg20: number;
}

/** Of one list of guesses a request, of which exactly one can be right; NDCG is then 1 / log2(1 + position) (Järvelin and Kekäläinen 2002). */
export class QualityMeter {
  private requests = 0;
  private hits = 0;
  private reciprocals = 0;
  private gains = 0;

  /** @param position of the played track in the list, from 0; -1 where it is not */
  add(position: number): void {
    this.requests++;
    if (position < 0 || position >= AT) return;
    this.hits++;
    this.reciprocals += 1 / (position + 1);
    this.gains += 1 / Math.log2(position + 2);
  }

  quality(): Quality {
    const requests = Math.max(1, this.requests);
    return { hitRate20: this.hits / requests, mrr20: this.reciprocals / requests, ndcg20: this.gains / requests };
  }
}

/** What slates are made of. */
export class VarietyMeter {
  private readonly tracks = new Set<string>();
  private slates = 0;
  private artistShares = 0;

  /** @param artists of the slate's tracks, in its order */
  add(trackIds: readonly string[], artists: readonly number[]): void {
    for (const id of trackIds) this.tracks.add(id);
    if (trackIds.length === 0) return;
    this.slates++;
    this.artistShares += new Set(artists).size / trackIds.length;
  }

  /** Share of the catalogue's tracks that were in any slate. */
  coverage(catalogueTracks: number): number {
    return this.tracks.size / Math.max(1, catalogueTracks);
  }

  /** Mean of distinct artists over the slate's length. */
  artistVariety(): number {
    return this.artistShares / Math.max(1, this.slates);
  }
}
