/** Indices by falling score, sorted by WebAssembly in memory that is used again. */
import { wasm } from '../gen/wasm/falling-order.js';

const PAGE_BYTES = 65_536;
const DIGITS = 4 * 256;
/** Of a score with its key, twice, and its place in the order. */
const BYTES_EACH = 4 + 8 + 8 + 4;
/** Room at first; it doubles as often as needed. */
const SCORES_INITIAL = 2_048;

type Order = (scores: number, count: number, digits: number, entries: number, others: number, order: number) => void;

interface Room {
  readonly capacity: number;
  readonly scores: Float32Array;
  readonly order: Uint32Array;
  sort(count: number): void;
}

const module = new WebAssembly.Module(wasm);
let room = roomFor(SCORES_INITIAL);

function roomFor(capacity: number): Room {
  const pages = Math.ceil((4 * DIGITS + capacity * BYTES_EACH) / PAGE_BYTES);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const run = new WebAssembly.Instance(module, { env: { memory } }).exports.order as Order;
  const entries = 4 * DIGITS;
  const others = entries + 8 * capacity;
  const scoresAt = others + 8 * capacity;
  const orderAt = scoresAt + 4 * capacity;
  return {
    capacity,
    scores: new Float32Array(memory.buffer, scoresAt, capacity),
    order: new Uint32Array(memory.buffer, orderAt, capacity),
    sort: (count: number): void => {
      run(scoresAt, count, 0, entries, others, orderAt);
    },
  };
}

/**
 * @param into where the order is written; at least as long as the scores
 * @returns indices by falling score, ties by rising index, NaN last
 */
export function fallingOrder(scores: Float32Array, into = new Uint32Array(scores.length)): Uint32Array {
  const { length } = scores;
  while (length > room.capacity) room = roomFor(2 * room.capacity);
  room.scores.set(scores);
  room.sort(length);
  const order = into.length === length ? into : into.subarray(0, length);
  order.set(room.order.subarray(0, length));
  return order;
}
