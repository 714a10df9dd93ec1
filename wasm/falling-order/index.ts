/** Indices of float32 by falling value, ties by rising index, NaN last: a radix sort, eight bits a pass. */

const DIGITS: u32 = 256;
/** Bytes of the counts of one pass. */
const COUNTS: u32 = 4 * DIGITS;

/** A key that rises, read without a sign, as the score of these bits falls. Without branches, which would be guessed wrong. */
function keyOf(bits: i32): u32 {
  const key = select<u32>(bits, 0x7fffffff - bits, bits < 0);
  // The two zeros are equal.
  const even = select<u32>(0x7fffffff, key, bits == <i32>0x80000000);
  // Above infinity is what is not a number.
  return select<u32>(0xffffffff, even, (bits & 0x7fffffff) > 0x7f800000);
}

/** Where the count of a digit is. @param pass from 0, the lowest eight bits */
function countAt(digits: usize, key: u32, pass: u32): usize {
  return digits + pass * COUNTS + 4 * ((key >> (8 * pass)) & (DIGITS - 1));
}

function tally(digits: usize, key: u32, pass: u32): void {
  const at = countAt(digits, key, pass);
  store<u32>(at, load<u32>(at) + 1);
}

/** Turns how often each digit of a pass occurs into where its first entry goes. */
function starts(counts: usize): void {
  let sum: u32 = 0;
  for (let at = counts; at < counts + COUNTS; at += 4) {
    const count = load<u32>(at);
    store<u32>(at, sum);
    sum += count;
  }
}

/** The next place for an entry with this digit. */
function placeOf(digits: usize, key: u32, pass: u32): usize {
  const at = countAt(digits, key, pass);
  const place = load<u32>(at);
  store<u32>(at, place + 1);
  return place;
}

/** Moves entries to where their digit goes. */
function move(from: usize, count: usize, digits: usize, pass: u32, to: usize): void {
  for (let at = from; at < from + 8 * count; at += 8) {
    const entry = load<u64>(at);
    store<u64>(to + 8 * placeOf(digits, <u32>(entry >> 32), pass), entry);
  }
}

/**
 * @param scores address of `count` float32
 * @param digits of four times 256 uint32
 * @param entries of `count` uint64: key and index of a score; `others` of as many
 * @param order of `count` uint32, written
 */
export function order(scores: usize, count: usize, digits: usize, entries: usize, others: usize, order: usize): void {
  memory.fill(digits, 0, 4 * COUNTS);
  for (let index: usize = 0; index < count; index++) {
    const key = keyOf(load<i32>(scores + 4 * index));
    store<u64>(entries + 8 * index, ((<u64>key) << 32) | index);
    tally(digits, key, 0);
    tally(digits, key, 1);
    tally(digits, key, 2);
    tally(digits, key, 3);
  }
  for (let pass: u32 = 0; pass < 4; pass++) starts(digits + pass * COUNTS);
  move(entries, count, digits, 0, others);
  move(others, count, digits, 1, entries);
  move(entries, count, digits, 2, others);
  for (let at = others; at < others + 8 * count; at += 8) {
    const entry = load<u64>(at);
    store<u32>(order + 4 * placeOf(digits, <u32>(entry >> 32), 3), <u32>entry);
  }
}
