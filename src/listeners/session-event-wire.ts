/**
 * Reads `SessionEvent` cells into columns, without an object an event: a session has up to 256 of them and is read on every
 * request. The wire format is protobuf's, https://protobuf.dev/programming-guides/encoding/; `fromBinary` of the generated
 * code is the reference it is tested against.
 */

/** Memory that cells share is read as one string up to here; beyond, each cell is copied. */
const SHARED_BYTES_MAX = 262_144;
/** Wire types; this message has no other. */
const VARINT = 0;
const LENGTH_DELIMITED = 2;
const RECEIVED_AT_FIELD = 7;
const NO_BYTES = Buffer.alloc(0);

/** Decoded cells, in the order they were read. Reused from call to call. */
export class EventColumns {
  count = 0;
  types = new Uint8Array(512);
  occurredAtMs = new Float64Array(512);
  playedMs = new Float32Array(512);
  playNumbers = new Uint32Array(512);
  numbers = new Uint32Array(512);
  /** Index of the event's track in `trackIds`. */
  tracks = new Uint32Array(512);
  /** A track that neighbouring cells have in common, as a start and its outcome do, is here once. */
  readonly trackIds: string[] = [];

  private owner: ArrayBufferLike | undefined;
  private buffer: Buffer = NO_BYTES;
  /** Where `buffer` holds the last track; an empty range in a buffer that is new. */
  private lastTrackStart = 0;
  private lastTrackEnd = 0;
  /** The whole of `buffer`, one char a byte: cutting ids out of one string is far cheaper than one native call an id. */
  private latin1 = '';

  /** Adds one cell. False, and nothing is added, when the bytes are no SessionEvent with a type and a track. */
  add(cell: Uint8Array): boolean {
    const owner = cell.buffer;
    if (owner !== this.owner) this.read(cell, owner);
    const bytes = this.buffer;
    let at = this.owner === owner ? cell.byteOffset : 0;
    const end = at + cell.length;
    let type = 0;
    let trackStart = 0;
    let trackEnd = 0;
    let occurredAtMs = 0;
    let playedMs = NaN;
    let playNumber = 0;
    let number = 0;
    while (at < end) {
      const tag = bytes[at++] ?? 0;
      const wireType = tag & 7;
      const field = tag >>> 3;
      // Fields are written by rising number, and serving needs none from here on.
      if (field >= RECEIVED_AT_FIELD) break;
      if (wireType !== VARINT && wireType !== LENGTH_DELIMITED) return false;
      // The first 28 bits as an integer: a double as an index would cost more than all the rest.
      let low = 0;
      let shift = 0;
      let byte = 0x80;
      while (byte >= 0x80 && shift < 28 && at < end) {
        byte = bytes[at++] ?? 0;
        low |= (byte & 0x7f) << shift;
        shift += 7;
      }
      if (wireType === LENGTH_DELIMITED) {
        if (byte >= 0x80 || low > end - at) return false;
        if (field === 2) trackStart = at;
        at += low;
        if (field === 2) trackEnd = at;
        continue;
      }
      let high = 0;
      for (shift = 0; byte >= 0x80 && shift < 28 && at < end; shift += 7) {
        byte = bytes[at++] ?? 0;
        high |= (byte & 0x7f) << shift;
      }
      if (byte >= 0x80) return false;
      const value = low + high * 2 ** 28;
      if (field === 1) type = value;
      else if (field === 3) occurredAtMs = value;
      else if (field === 4) playedMs = value;
      else if (field === 5) playNumber = value;
      else if (field === 6) number = value;
    }
    if (type === 0 || trackStart === trackEnd) return false;

    if (this.count === this.types.length) this.grow();
    const index = this.count++;
    this.types[index] = type;
    this.tracks[index] = this.trackOf(trackStart, trackEnd);
    this.occurredAtMs[index] = occurredAtMs;
    this.playedMs[index] = playedMs;
    this.playNumbers[index] = playNumber;
    this.numbers[index] = number;
    return true;
  }

  /** Forgets the cells, and the memory they came from. */
  clear(): void {
    this.count = 0;
    this.trackIds.length = 0;
    this.owner = undefined;
    this.buffer = NO_BYTES;
    this.latin1 = '';
  }

  private read(cell: Uint8Array, owner: ArrayBufferLike): void {
    const shared = owner.byteLength <= SHARED_BYTES_MAX;
    this.owner = shared ? owner : undefined;
    this.buffer = shared ? Buffer.from(owner) : Buffer.from(cell);
    this.latin1 = this.buffer.toString('latin1');
    this.lastTrackStart = this.lastTrackEnd = 0;
  }

  private grow(): void {
    const length = this.types.length * 2;
    const grown = <T extends Uint8Array | Float64Array | Float32Array | Uint32Array>(from: T, to: T): T => {
      to.set(from);
      return to;
    };
    this.types = grown(this.types, new Uint8Array(length));
    this.occurredAtMs = grown(this.occurredAtMs, new Float64Array(length));
    this.playedMs = grown(this.playedMs, new Float32Array(length));
    this.playNumbers = grown(this.playNumbers, new Uint32Array(length));
    this.tracks = grown(this.tracks, new Uint32Array(length));
    this.numbers = grown(this.numbers, new Uint32Array(length));
  }

  private trackOf(start: number, end: number): number {
    const bytes = this.buffer;
    let same = end - start === this.lastTrackEnd - this.lastTrackStart;
    let all = 0;
    for (let i = start, j = this.lastTrackStart; i < end; i++, j++) {
      const byte = bytes[i] ?? 0;
      all |= byte;
      if (same && bytes[j] !== byte) same = false;
    }
    this.lastTrackStart = start;
    this.lastTrackEnd = end;
    if (!same) this.trackIds.push(all < 0x80 ? this.latin1.slice(start, end) : bytes.toString('utf8', start, end));
    return this.trackIds.length - 1;
  }
}
