/** A generation over its catalogue file. */
import type { CatalogueFile } from './catalogue-file.js';
import type { Catalogue, PopularList, World } from './world.js';

export class MemoryWorld implements World {
  readonly dataFingerprint: string;
  readonly builtThroughMs: number;
  readonly catalogue: Catalogue;
  private readonly lists: ReadonlyMap<string, PopularList>;
  private readonly everywhere: PopularList;

  constructor(
    readonly generation: string,
    file: CatalogueFile,
  ) {
    this.dataFingerprint = file.dataFingerprint;
    this.builtThroughMs = file.builtThroughMs;
    this.catalogue = file.catalogue;
    this.lists = file.parts.popular;
    const everywhere = this.lists.get('');
    if (everywhere === undefined) throw new RangeError('a catalogue file has a popular list for everywhere');
    this.everywhere = everywhere;
  }

  popular(market: string | undefined): PopularList {
    return (market === undefined ? undefined : this.lists.get(market)) ?? this.everywhere;
  }
}
