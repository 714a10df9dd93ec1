/**
 * The catalogue file: one block of memory that is used as it was read. Little-endian.
 *
 *   0   8 bytes   `SEGUECAT`
 *   8   u32       version
 *   12  u32       length of the header in bytes
 *   16  32 bytes  sha256 of everything from byte 48 on
 *   48  header    JSON: build, marketSets, popular, sections
 *   ..  sections  each at a multiple of 64 bytes
 */
import { createHash } from 'node:crypto';
import { endianness } from 'node:os';
import { z } from 'zod';
import { SegueError } from '../errors.js';
import { MemoryCatalogue, type CatalogueParts } from './catalogue.js';
import { StringTable } from './string-table.js';
import { RECORD_BYTES, type PopularList } from './world.js';

const MAGIC = Buffer.from('SEGUECAT', 'latin1');
const VERSION = 1;
/** The checksum is over everything from here on. */
export const CHECKED_FROM = 48;
const ALIGNMENT = 64;

const SECTIONS = [
  'records',
  'idBytes',
  'idOffsets',
  'idSlots',
  'artistBytes',
  'artistOffsets',
  'artistSlots',
  'aliases',
  'popularOrdinals',
  'popularScores',
] as const;
type SectionName = (typeof SECTIONS)[number];

const count = z.int().nonnegative();
const headerSchema = z.object({
  build: z.object({ dataFingerprint: z.string(), builtThroughMs: z.number() }),
  marketSets: z.array(z.array(z.string())).min(1),
  popular: z.array(z.object({ market: z.string(), start: count, length: count.min(1) })).min(1),
  sections: z.record(z.enum(SECTIONS), z.object({ at: count, bytes: count })),
});
type Header = z.infer<typeof headerSchema>;

export interface CatalogueFile {
  readonly dataFingerprint: string;
  readonly builtThroughMs: number;
  readonly catalogue: MemoryCatalogue;
  readonly parts: CatalogueParts;
}

/** The bytes of a catalogue file. */
export function encodeCatalogue(
  parts: CatalogueParts,
  build: { readonly dataFingerprint: string; readonly builtThroughMs: number },
): Uint8Array<ArrayBuffer> {
  requireLittleEndian();
  const lists = [...parts.popular.entries()].map(([market, list]) => ({ market, list }));
  const listed = lists.reduce((sum, { list }) => sum + list.ordinals.length, 0);
  const popularOrdinals = new Uint32Array(listed);
  const popularScores = new Float32Array(listed);
  const popular: Header['popular'] = [];
  let start = 0;
  for (const { market, list } of lists) {
    popularOrdinals.set(list.ordinals, start);
    popularScores.set(list.scores, start);
    popular.push({ market, start, length: list.ordinals.length });
    start += list.ordinals.length;
  }
  const content: Readonly<Record<SectionName, ArrayBufferView>> = {
    records: parts.records,
    idBytes: parts.ids.bytes,
    idOffsets: parts.ids.offsets,
    idSlots: parts.ids.slots,
    artistBytes: parts.artists.bytes,
    artistOffsets: parts.artists.offsets,
    artistSlots: parts.artists.slots,
    aliases: parts.aliases,
    popularOrdinals,
    popularScores,
  };
  const fixed = { build, marketSets: parts.marketSets.map((markets) => [...markets]), popular };
  const { header, sections, total } = layOut(fixed, content);
  const bytes = new Uint8Array(total);
  bytes.set(MAGIC);
  const view = new DataView(bytes.buffer);
  view.setUint32(8, VERSION, true);
  view.setUint32(12, header.length, true);
  bytes.set(header, CHECKED_FROM);
  for (const name of SECTIONS) {
    const { buffer, byteOffset, byteLength } = content[name];
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), sections[name].at);
  }
  bytes.set(digestOf(bytes), 16);
  return bytes;
}

/** Places the sections after the header, whose length depends on where they are: room is left for the largest numbers. */
function layOut(
  fixed: Omit<Header, 'sections'>,
  content: Readonly<Record<SectionName, ArrayBufferView>>,
): { header: Uint8Array; sections: Header['sections']; total: number } {
  const place = (from: number): { sections: Header['sections']; total: number } => {
    let at = from;
    const entries = SECTIONS.map((name) => {
      const bytes = content[name].byteLength;
      const entry = [name, { at, bytes }] as const;
      at = aligned(at + bytes);
      return entry;
    });
    return { sections: Object.fromEntries(entries) as Header['sections'], total: at };
  };
  const write = (sections: Header['sections']): Uint8Array =>
    new TextEncoder().encode(JSON.stringify({ ...fixed, sections }));
  const roughly = write(place(Number.MAX_SAFE_INTEGER / 2).sections).length;
  const { sections, total } = place(aligned(CHECKED_FROM + roughly));
  return { header: write(sections), sections, total };
}

function aligned(at: number): number {
  return Math.ceil(at / ALIGNMENT) * ALIGNMENT;
}

/**
 * @param bytes a whole file, at the start of its own memory; used in place, so it must not change
 * @param digest sha256 of the bytes from `CHECKED_FROM` on, where the caller has it
 * @throws SegueError SEGUE_UNAVAILABLE that says what is wrong with the file
 */
export function decodeCatalogue(bytes: Uint8Array, digest = digestOf(bytes)): CatalogueFile {
  requireLittleEndian();
  if (bytes.byteOffset % ALIGNMENT !== 0) throw refused(`starts at byte ${bytes.byteOffset} of its memory`);
  if (bytes.length < CHECKED_FROM || MAGIC.compare(bytes, 0, MAGIC.length) !== 0)
    throw refused('has no SEGUECAT header');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = view.getUint32(8, true);
  if (version !== VERSION) throw refused(`has version ${version}, this Segue reads version ${VERSION}`);
  if (digest.compare(bytes, 16, CHECKED_FROM) !== 0) throw refused('does not match its checksum');
  const header = parseHeader(bytes.subarray(CHECKED_FROM, CHECKED_FROM + view.getUint32(12, true)));
  const parts = partsOf(bytes, header);
  const { dataFingerprint, builtThroughMs } = header.build;
  return { dataFingerprint, builtThroughMs, parts, catalogue: new MemoryCatalogue(parts, bytes.byteLength) };
}

function parseHeader(bytes: Uint8Array): Header {
  try {
    return headerSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch (error) {
    throw refused(`has a header that cannot be read: ${String(error)}`);
  }
}

function partsOf(bytes: Uint8Array, header: Header): CatalogueParts {
  const section = (name: SectionName): Uint8Array => {
    const { at, bytes: length } = header.sections[name];
    if (at % ALIGNMENT !== 0 || at + length > bytes.length) throw refused(`has section ${name} at ${at}+${length}`);
    return bytes.subarray(at, at + length);
  };
  const words = (name: SectionName): Uint32Array => {
    const { buffer, byteOffset, byteLength } = section(name);
    return new Uint32Array(buffer, byteOffset, byteLength / 4);
  };
  const ids = new StringTable(section('idBytes'), words('idOffsets'), words('idSlots'));
  const artists = new StringTable(section('artistBytes'), words('artistOffsets'), words('artistSlots'));
  const records = section('records');
  if (records.length !== ids.count * RECORD_BYTES)
    throw refused(`has ${records.length} bytes of records for ${ids.count} tracks`);
  const ordinals = words('popularOrdinals');
  const scoreBytes = section('popularScores');
  const scores = new Float32Array(scoreBytes.buffer, scoreBytes.byteOffset, scoreBytes.byteLength / 4);
  const popular = new Map<string, PopularList>();
  for (const { market, start, length } of header.popular) {
    popular.set(market, {
      ordinals: ordinals.subarray(start, start + length),
      scores: scores.subarray(start, start + length),
    });
  }
  if (!popular.has('')) throw refused('has no popular list for everywhere');
  return { ids, artists, aliases: words('aliases'), records, marketSets: header.marketSets, popular };
}

function digestOf(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes.subarray(CHECKED_FROM)).digest();
}

function refused(problem: string): SegueError {
  return new SegueError('SEGUE_UNAVAILABLE', `the catalogue file ${problem}`);
}

function requireLittleEndian(): void {
  if (endianness() !== 'LE') throw new SegueError('SEGUE_UNAVAILABLE', 'catalogue files need a little-endian machine');
}
