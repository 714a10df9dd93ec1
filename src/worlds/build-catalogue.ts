/** Collects tracks by rising ordinal into the parts of a catalogue. */
import { ATTRIBUTE, ATTRIBUTE_COUNT, ATTRIBUTES, EMBEDDING_SIZE, type Attribute } from './attributes.js';
import type { CatalogueParts } from './catalogue.js';
import { StringTableBuilder, type StringTable } from './string-table.js';
import { RECORD_BYTES, RECORD_FLOATS, type PopularList } from './world.js';

/** Distinct sets of markets that a catalogue may have. */
const MARKET_SETS_MAX = 65_535;

/** Missing attributes are left out or NaN. `artist` and `marketSet` are set by the builder. */
export type TrackAttributes = Partial<Readonly<Record<Attribute, number>>>;

export interface CatalogueTrack {
  readonly id: string;
  /** As the artist's first track spells it, or another spelling. */
  readonly artist: string;
  readonly artistOrdinal: number;
  readonly attributes: TrackAttributes;
  /** Empty: everywhere. */
  readonly markets: readonly string[];
}

export class CatalogueBuilder {
  private readonly ids = new StringTableBuilder();
  private readonly artists: string[] = [];
  /** Artist ordinal by a spelling other than the first. */
  private readonly aliases = new Map<string, number>();
  private readonly records: Uint8Array<ArrayBuffer>;
  private readonly floats: Float32Array;
  private readonly marketSets: string[][] = [[]];
  private readonly marketSetOf = new Map<string, number>([['', 0]]);

  constructor(private readonly count: number) {
    this.records = new Uint8Array(count * RECORD_BYTES);
    this.floats = new Float32Array(this.records.buffer);
  }

  /** Adds the track of the next ordinal. @throws RangeError when it cannot be one */
  add(track: CatalogueTrack): void {
    const ordinal = this.ids.count;
    if (ordinal >= this.count) throw new RangeError(`there are more than ${this.count} tracks`);
    this.ids.add(track.id);
    this.nameArtist(track.artistOrdinal, track.artist);
    const start = ordinal * RECORD_FLOATS;
    ATTRIBUTES.forEach((name, i) => {
      this.floats[start + i] = track.attributes[name] ?? NaN;
    });
    this.floats[start + ATTRIBUTE.artist] = track.artistOrdinal;
    this.floats[start + ATTRIBUTE.marketSet] = this.marketSet(track.markets);
  }

  /** The embedding of a track that was added, to be written to. */
  embeddingOf(ordinal: number): Int8Array {
    return new Int8Array(this.records.buffer, ordinal * RECORD_BYTES + ATTRIBUTE_COUNT * 4, EMBEDDING_SIZE);
  }

  /** @throws RangeError when tracks are missing or occur twice */
  idTable(): StringTable {
    if (this.ids.count !== this.count) throw new RangeError(`there are ${this.ids.count} tracks of ${this.count}`);
    return this.ids.build();
  }

  /**
   * @param ids of `idTable`
   * @param popular by market; '' must be there
   */
  parts(ids: StringTable, popular: ReadonlyMap<string, PopularList>): CatalogueParts {
    const artists = new StringTableBuilder();
    for (let i = 0; i < this.artists.length; i++) {
      if (!(i in this.artists)) throw new RangeError(`no track has the artist ordinal ${i}`);
      artists.add(this.artists[i]);
    }
    for (const alias of this.aliases.keys()) artists.add(alias);
    const aliases = Uint32Array.from(this.aliases.values());
    return { ids, artists: artists.build(), aliases, records: this.records, marketSets: this.marketSets, popular };
  }

  private nameArtist(ordinal: number, name: string): void {
    if (!Number.isInteger(ordinal) || ordinal < 0 || ordinal >= this.count) {
      throw new RangeError(`artist ordinal ${ordinal} is not 0 to ${this.count - 1}`);
    }
    if (!(ordinal in this.artists)) this.artists[ordinal] = name;
    if (this.artists[ordinal] !== name) this.aliases.set(name, ordinal);
  }

  private marketSet(markets: readonly string[]): number {
    const sorted = [...new Set(markets)].sort();
    const key = sorted.join('|');
    const known = this.marketSetOf.get(key);
    if (known !== undefined) return known;
    const index = this.marketSets.length;
    if (index > MARKET_SETS_MAX) throw new RangeError(`there are more than ${MARKET_SETS_MAX} sets of markets`);
    this.marketSets.push(sorted);
    this.marketSetOf.set(key, index);
    return index;
  }
}
