/**
 * Memory that WebAssembly reaches: a catalogue lies in it, so that its records need not be copied to be scored. The first MiB is
 * left free, for what goes to and fro with a call, and some at the end for what is worked out beside the records.
 */

const PAGE_BYTES = 65_536;
/** WebAssembly addresses 32 bits. */
const BYTES_MAX = 2 ** 32;
const ALIGNMENT = 16;

export const SCRATCH_BYTES = 16 * PAGE_BYTES;

interface Known {
  readonly memory: WebAssembly.Memory;
  readonly besideAt: number;
}

const known = new WeakMap<ArrayBufferLike, Known>();

/**
 * Zeroes; in plain memory where they are too many, or the system has no room for the addresses.
 *
 * @param besideBytes left free behind them, for `besideOf`
 */
export function vectorMemory(length: number, besideBytes = 0): Uint8Array<ArrayBuffer> {
  const besideAt = Math.ceil((SCRATCH_BYTES + length) / ALIGNMENT) * ALIGNMENT;
  const pages = Math.ceil((besideAt + besideBytes) / PAGE_BYTES);
  if (pages * PAGE_BYTES > BYTES_MAX) return new Uint8Array(length);
  let memory: WebAssembly.Memory;
  try {
    memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  } catch (error) {
    if (error instanceof RangeError) return new Uint8Array(length);
    throw error;
  }
  known.set(memory.buffer, { memory, besideAt });
  return new Uint8Array(memory.buffer, SCRATCH_BYTES, length);
}

/** The memory that a buffer is of; undefined for a plain one. */
export function vectorMemoryOf(buffer: ArrayBufferLike): WebAssembly.Memory | undefined {
  return known.get(buffer)?.memory;
}

/** What was left free behind a catalogue; undefined where less was, or its memory is a plain one. */
export function besideOf(buffer: ArrayBufferLike, length: number): Uint8Array<ArrayBuffer> | undefined {
  const found = known.get(buffer);
  if (found === undefined || found.besideAt + length > buffer.byteLength) return undefined;
  return new Uint8Array(found.memory.buffer, found.besideAt, length);
}
