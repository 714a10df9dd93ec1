/** Walks a file that is sorted by a key, one key's rows at a time; several such files side by side. */
import { parquetName, type BuildFile } from './build-files.js';
import { buildRefused } from './build-dir.js';
import type { Columns } from './parquet.js';

/** Rows of one key: far over what a listener hears in a life. */
const GROUP_ROWS_MAX = 2_000_000;

/** Rows of one key, across chunks. */
export class Group<K extends string | number> {
  private readonly slices: { readonly columns: Columns; readonly start: number; readonly end: number }[] = [];
  rowCount = 0;

  constructor(readonly key: K) {}

  add(columns: Columns, start: number, end: number): void {
    this.slices.push({ columns, start, end });
    this.rowCount += end - start;
  }

  text(column: string): string[] {
    return this.slices.flatMap(({ columns, start, end }) => columns.text(column).slice(start, end));
  }

  number(column: string): number[] {
    return this.slices.flatMap(({ columns, start, end }) => columns.number(column).slice(start, end));
  }
}

/** The groups of a file in its order. A key that comes back later makes another group. */
export async function* groupsOf<K extends string | number>(
  file: BuildFile,
  chunks: AsyncIterable<Columns>,
  keyOf: (columns: Columns) => readonly K[],
): AsyncGenerator<Group<K>, void, undefined> {
  let group: Group<K> | undefined;
  for await (const columns of chunks) {
    const keys = keyOf(columns);
    let start = 0;
    for (let row = 1; row <= columns.rowCount; row++) {
      if (row < columns.rowCount && keys[row] === keys[start]) continue;
      if (group?.key !== keys[start]) {
        if (group !== undefined) yield group;
        group = new Group(keys[start]);
      }
      group.add(columns, start, row);
      if (group.rowCount > GROUP_ROWS_MAX) {
        throw buildRefused(parquetName(file), `has more than ${GROUP_ROWS_MAX} rows of "${group.key}"`);
      }
      start = row;
    }
  }
  if (group !== undefined) yield group;
}

/** Hands out the groups of a file to a caller that walks the same keys in the same order; keys may be left out of the file. */
export class GroupCursor<K extends string | number> {
  private head: Group<K> | undefined;
  private started = false;

  constructor(
    private readonly file: BuildFile,
    private readonly groups: AsyncGenerator<Group<K>, void, undefined>,
  ) {}

  /** The rows of the key, if they are next. */
  async take(key: K): Promise<Group<K> | undefined> {
    if (!this.started) await this.advance();
    const { head } = this;
    if (head?.key !== key) return undefined;
    await this.advance();
    return head;
  }

  /** @throws SegueError when rows are left: their key is unknown, or the file is not sorted */
  async end(parent: BuildFile): Promise<void> {
    if (!this.started) await this.advance();
    if (this.head === undefined) return;
    const where = `"${this.head.key}" is not in ${parquetName(parent)}, or the files are not in the same order`;
    throw buildRefused(parquetName(this.file), where);
  }

  async close(): Promise<void> {
    await this.groups.return();
  }

  private async advance(): Promise<void> {
    this.started = true;
    const next = await this.groups.next();
    this.head = next.done === true ? undefined : next.value;
  }
}
