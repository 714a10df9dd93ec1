/** Strings by number and numbers by string, in three typed arrays: no string object is kept. */

/** Bytes of UTF-8 a string may have: room for ids of 64 bytes and long artist names. */
export const STRING_BYTES_MAX = 1024;

const encoder = new TextEncoder();
const scratch = new Uint8Array(STRING_BYTES_MAX);

/** Writes the UTF-8 of `text` to `scratch`; its length, or -1 when it does not fit. */
function toScratch(text: string): number {
  const { length } = text;
  if (length > STRING_BYTES_MAX) return -1;
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 127) {
      const { read, written } = encoder.encodeInto(text, scratch);
      return read < length ? -1 : written;
    }
    scratch[i] = unit;
  }
  return length;
}

/** FNV-1a of 32 bits (Fowler, Noll, Vo), with a last mix so that the low bits depend on all. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i], 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}

function slotCountFor(count: number): number {
  let slots = 16;
  while (slots < count * 2) slots *= 2;
  return slots;
}

export class StringTable {
  readonly count: number;
  private readonly buffer: Buffer;
  private readonly mask: number;

  /**
   * @param bytes UTF-8 of all strings, one after the other
   * @param offsets string i is at `offsets[i]` to `offsets[i + 1]`
   * @param slots open addressing: number of a string plus 1, or 0; a power of two, at most half full
   */
  constructor(
    readonly bytes: Uint8Array,
    readonly offsets: Uint32Array,
    readonly slots: Uint32Array,
  ) {
    this.count = offsets.length - 1;
    this.buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.mask = slots.length - 1;
  }

  /** @throws RangeError when there is no such string */
  get(index: number): string {
    if (!(index >= 0 && index < this.count)) throw new RangeError(`there is no string ${index} of ${this.count}`);
    return this.buffer.toString('utf8', this.offsets[index], this.offsets[index + 1]);
  }

  /** -1 where there is none. */
  indexOf(text: string): number {
    const length = toScratch(text);
    if (length < 0) return -1;
    for (let slot = hashOf(scratch, 0, length) & this.mask; ; slot = (slot + 1) & this.mask) {
      const entry = this.slots[slot];
      if (entry === 0) return -1;
      if (this.isAt(entry - 1, length)) return entry - 1;
    }
  }

  private isAt(index: number, length: number): boolean {
    const start = this.offsets[index];
    if (this.offsets[index + 1] - start !== length) return false;
    for (let i = 0; i < length; i++) if (this.bytes[start + i] !== scratch[i]) return false;
    return true;
  }
}

/** Collects strings one by one; their numbers are the order of adding, from 0. */
export class StringTableBuilder {
  private bytes = new Uint8Array(1 << 16);
  private offsets = new Uint32Array(1 << 12);
  private used = 0;
  private added = 0;

  get count(): number {
    return this.added;
  }

  /** @throws RangeError when the string has more than `STRING_BYTES_MAX` bytes */
  add(text: string): void {
    const length = toScratch(text);
    if (length < 0) throw new RangeError(`"${text.slice(0, 80)}…" has more than ${STRING_BYTES_MAX} bytes`);
    this.bytes = grown(this.bytes, this.used + length, (size) => new Uint8Array(size));
    this.offsets = grown(this.offsets, this.added + 2, (size) => new Uint32Array(size));
    this.bytes.set(scratch.subarray(0, length), this.used);
    this.used += length;
    this.offsets[++this.added] = this.used;
  }

  /** @throws RangeError when a string was added twice */
  build(): StringTable {
    const bytes = this.bytes.slice(0, this.used);
    const offsets = this.offsets.slice(0, this.added + 1);
    const slots = new Uint32Array(slotCountFor(this.added));
    const table = new StringTable(bytes, offsets, slots);
    for (let i = 0; i < this.added; i++) {
      let slot = hashOf(bytes, offsets[i], offsets[i + 1]) & (slots.length - 1);
      for (; slots[slot] !== 0; slot = (slot + 1) & (slots.length - 1)) {
        if (sameBytes(bytes, offsets, slots[slot] - 1, i)) throw new RangeError(`"${table.get(i)}" occurs twice`);
      }
      slots[slot] = i + 1;
    }
    return table;
  }
}

export function stringTable(strings: Iterable<string>): StringTable {
  const builder = new StringTableBuilder();
  for (const text of strings) builder.add(text);
  return builder.build();
}

function grown<T extends Uint8Array | Uint32Array>(array: T, needed: number, allocate: (size: number) => T): T {
  if (needed <= array.length) return array;
  const larger = allocate(Math.max(needed, array.length * 2));
  larger.set(array);
  return larger;
}

function sameBytes(bytes: Uint8Array, offsets: Uint32Array, a: number, b: number): boolean {
  const length = offsets[a + 1] - offsets[a];
  if (offsets[b + 1] - offsets[b] !== length) return false;
  for (let i = 0; i < length; i++) if (bytes[offsets[a] + i] !== bytes[offsets[b] + i]) return false;
  return true;
}
