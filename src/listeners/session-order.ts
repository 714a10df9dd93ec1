/** The order of a session: by time, and by number of arrival within the same millisecond. */
import type { EventColumns } from './session-event-wire.js';

type Timed = Pick<EventColumns, 'count' | 'occurredAtMs' | 'numbers'>;

/** Moves per event that insertion may take before sorting is cheaper. */
const INSERTION_MOVES = 4;

/**
 * Indices of the events in order, oldest first.
 *
 * Stores return columns by arrival or by name. Events arrive nearly in order of time, so they are first put in order of
 * arrival, where numbers allow that without comparing, and then moved to their place; only what is left in disorder is sorted.
 */
export function orderOf(events: Timed): Uint32Array {
  const order = byNumber(events) ?? Uint32Array.from({ length: events.count }, (_, i) => i);
  let moves = events.count * INSERTION_MOVES;
  for (let i = 1; i < order.length; i++) {
    const moving = order[i] ?? 0;
    let j = i - 1;
    while (j >= 0 && isAfter(events, order[j] ?? 0, moving)) {
      if (moves-- === 0)
        return order
          .fill(0)
          .map((_, at) => at)
          .sort((a, b) => (isAfter(events, a, b) ? 1 : -1));
      order[j + 1] = order[j] ?? 0;
      j--;
    }
    order[j + 1] = moving;
  }
  return order;
}

/** By number of arrival; `undefined` when two events have the same number, or numbers are far apart. */
function byNumber({ count, numbers }: Timed): Uint32Array | undefined {
  let lowest = Infinity;
  let highest = 0;
  for (let i = 0; i < count; i++) {
    const number = numbers[i] ?? 0;
    if (number < lowest) lowest = number;
    if (number > highest) highest = number;
  }
  if (count === 0 || highest - lowest >= count * 4) return undefined;
  const slots = new Uint32Array(highest - lowest + 1);
  for (let i = 0; i < count; i++) {
    const slot = (numbers[i] ?? 0) - lowest;
    if (slots[slot] !== 0) return undefined;
    slots[slot] = i + 1;
  }
  const order = new Uint32Array(count);
  let at = 0;
  for (let slot = 0; slot < slots.length; slot++) {
    const index = slots[slot] ?? 0;
    if (index > 0) order[at++] = index - 1;
  }
  return order;
}

function isAfter({ occurredAtMs, numbers }: Timed, a: number, b: number): boolean {
  const aMs = occurredAtMs[a] ?? 0;
  const bMs = occurredAtMs[b] ?? 0;
  return aMs === bMs ? (numbers[a] ?? 0) > (numbers[b] ?? 0) : aMs > bMs;
}
