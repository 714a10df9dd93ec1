/** Which appended records are not settled yet, and so from where a crash would have to be replayed. */
import type { Position } from './segments.js';

interface Entry {
  readonly start: Position;
  settled: boolean;
}

/** Entries are added in the order they were written, and may be settled in any. */
export class Unsettled {
  private entries: Entry[] = [];
  private first = 0;

  /** Returns what settles the entry; calling it again does nothing. */
  add(start: Position): () => void {
    const entry: Entry = { start, settled: false };
    this.entries.push(entry);
    return () => {
      entry.settled = true;
    };
  }

  /** Start of the oldest entry that is not settled; `end` when all are. */
  lowWater(end: Position): Position {
    while (this.entries[this.first]?.settled) this.first++;
    if (this.first * 2 > this.entries.length) {
      this.entries = this.entries.slice(this.first);
      this.first = 0;
    }
    return this.entries[this.first]?.start ?? end;
  }
}
