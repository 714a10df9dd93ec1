/**
 * Memory that WebAssembly reaches: a catalogue lies in it, so that its records need not be copied to be scored. The first MiB is
 * left free, for what goes to and fro with a call.
 */

const PAGE_BYTES = 65_536;
/** WebAssembly addresses 32 bits. */
const BYTES_MAX = 2 ** 32;

export const SCRATCH_BYTES = 16 * PAGE_BYTES;

const memories = new WeakMap<ArrayBufferLike, WebAssembly.Memory>();

/** Zeroes; in plain memory where they are too many, or the system has no room for the addresses. */
export function vectorMemory(length: number): Uint8Array<ArrayBuffer> {
  const pages = Math.ceil((SCRATCH_BYTES + length) / PAGE_BYTES);
  if (pages * PAGE_BYTES > BYTES_MAX) return new Uint8Array(length);
  let memory: WebAssembly.Memory;
  try {
    memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  } catch (error) {
    if (error instanceof RangeError) return new Uint8Array(length);
    throw error;
  }
  memories.set(memory.buffer, memory);
  return new Uint8Array(memory.buffer, SCRATCH_BYTES, length);
}

/** The memory that a buffer is of; undefined for a plain one. */
export function vectorMemoryOf(buffer: ArrayBufferLike): WebAssembly.Memory | undefined {
  return memories.get(buffer);
}
