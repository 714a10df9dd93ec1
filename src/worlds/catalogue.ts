/** The catalogue in memory, over the bytes of a catalogue file. */
import { ATTRIBUTE } from './attributes.js';
import type { StringTable } from './string-table.js';
import { RECORD_FLOATS, type Catalogue, type PopularList } from './world.js';

/** All that one generation holds in memory; `catalogue-file.ts` writes and reads it. */
export interface CatalogueParts {
  readonly ids: StringTable;
  /** Names by artist ordinal, then other spellings of artists. */
  readonly artists: StringTable;
  /** Artist ordinal of each other spelling. */
  readonly aliases: Uint32Array;
  /** `RECORD_BYTES` a track: 16 float32, then 64 int8; see `attributes.ts`. */
  readonly records: Uint8Array;
  /** Markets of each set that the attribute `marketSet` points to; set 0 is empty and means everywhere. */
  readonly marketSets: readonly (readonly string[])[];
  /** By market; '' is everywhere and always there. */
  readonly popular: ReadonlyMap<string, PopularList>;
}

export class MemoryCatalogue implements Catalogue {
  readonly count: number;
  readonly artistCount: number;
  readonly floats: Float32Array;
  readonly bytes: Int8Array;
  private readonly ids: StringTable;
  private readonly artists: StringTable;
  private readonly aliases: Uint32Array;
  private readonly marketSets: readonly ReadonlySet<string>[];
  private readonly markets: ReadonlySet<string>;

  /** @param sizeBytes memory that all parts own */
  constructor(
    parts: CatalogueParts,
    readonly sizeBytes: number,
  ) {
    const { records } = parts;
    this.ids = parts.ids;
    this.artists = parts.artists;
    this.aliases = parts.aliases;
    this.count = parts.ids.count;
    this.artistCount = parts.artists.count - parts.aliases.length;
    this.floats = new Float32Array(records.buffer, records.byteOffset, records.byteLength / 4);
    this.bytes = new Int8Array(records.buffer, records.byteOffset, records.byteLength);
    this.marketSets = parts.marketSets.map((markets) => new Set(markets));
    this.markets = new Set(parts.marketSets.flat());
  }

  ordinalOf(trackId: string): number {
    return this.ids.indexOf(trackId);
  }

  idOf(ordinal: number): string {
    return this.ids.get(ordinal);
  }

  artistOrdinalOf(artist: string): number {
    const index = this.artists.indexOf(artist);
    return index < this.artistCount ? index : this.aliases[index - this.artistCount];
  }

  artistOf(artistOrdinal: number): string {
    return this.artists.get(artistOrdinal);
  }

  /** True too for the market '', which is how a request without a market asks. */
  admits(ordinal: number, market: string): boolean {
    const set = this.floats[ordinal * RECORD_FLOATS + ATTRIBUTE.marketSet];
    return set === 0 || market === '' || this.marketSets[set].has(market);
  }

  namesMarket(market: string): boolean {
    return this.markets.has(market);
  }
}
