/** The open environments of this process: opened on first use, reopened when another process replaced them. */
import { readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseTableName } from '../limits.js';
import type { Environment, EnvironmentMode } from './environment.js';
import { inodeOf, openEnvironment } from './environment.js';
import { liveDirectoryIn } from './live-directory.js';

/** How long a replaced generation directory may go unnoticed by readers; writers look each time. */
const RECHECK_MS = 1000;
const TABLES_KNOWN_MAX = 1000;

interface Shared {
  readonly environment: Environment;
  readonly users: Set<Environments>;
  checkedMs: number;
}

/** By directory. One for the process: LMDB forbids opening an environment twice in one. */
const open = new Map<string, Shared>();

export class Environments {
  private readonly directoryByTable = new Map<string, string>();
  private readonly liveDirectory: string;
  private readonly rowsDirectory: string;

  /** @param nowMs a monotonic clock */
  constructor(
    dataDir: string,
    private readonly nowMs: () => number,
    private readonly mapBytes: number,
  ) {
    this.liveDirectory = resolve(liveDirectoryIn(dataDir));
    this.rowsDirectory = resolve(dataDir, 'rows');
  }

  directoryOf(table: string): string {
    const known = this.directoryByTable.get(table);
    if (known !== undefined) return known;
    const { generation } = parseTableName(table);
    const directory = generation === undefined ? this.liveDirectory : join(this.rowsDirectory, generation);
    if (this.directoryByTable.size >= TABLES_KNOWN_MAX) this.directoryByTable.clear();
    this.directoryByTable.set(table, directory);
    return directory;
  }

  /** The generation of a directory, `undefined` for the live one. */
  generationOf(directory: string): string | undefined {
    return directory === this.liveDirectory ? undefined : directory.slice(this.rowsDirectory.length + 1);
  }

  /** All directories that hold an environment. */
  directories(): string[] {
    let generations: string[] = [];
    try {
      generations = readdirSync(this.rowsDirectory).sort();
    } catch {
      // No generation was loaded yet.
    }
    return [this.liveDirectory, ...generations.map((name) => join(this.rowsDirectory, name))].filter(
      (directory) => inodeOf(directory) !== undefined,
    );
  }

  /**
   * The environment of a directory, open for at least `mode`. Use it before the next `await`: it may be closed after.
   * @throws StoreError `no-table` when reading and there is none
   */
  use(directory: string, mode: EnvironmentMode): Environment {
    const found = this.current(directory, mode);
    if (found !== undefined) return found;
    // Live tables are written by every process; generations are read only, save by the one that loads them.
    const environment = openEnvironment(directory, directory === this.liveDirectory ? 'write' : mode, this.mapBytes);
    open.set(directory, { environment, users: new Set([this]), checkedMs: this.nowMs() });
    return environment;
  }

  private current(directory: string, mode: EnvironmentMode): Environment | undefined {
    const shared = open.get(directory);
    if (shared === undefined) return undefined;
    const { environment } = shared;
    const now = this.nowMs();
    let usable = mode === 'read' || environment.mode === 'write';
    if (mode === 'write' || now - shared.checkedMs >= RECHECK_MS) {
      shared.checkedMs = now;
      usable &&= inodeOf(directory) === environment.inode;
    }
    if (usable) {
      shared.users.add(this);
      return environment;
    }
    open.delete(directory);
    void environment.rows.close();
    return undefined;
  }

  /** Removes a directory. Processes that have it open keep reading what they mapped until they look again. */
  remove(directory: string): void {
    const shared = open.get(directory);
    open.delete(directory);
    void shared?.environment.rows.close();
    rmSync(directory, { recursive: true, force: true });
  }

  async close(): Promise<void> {
    const closing: Promise<void>[] = [];
    for (const [directory, { environment, users }] of open) {
      if (!users.delete(this) || users.size > 0) continue;
      open.delete(directory);
      closing.push(environment.rows.close());
    }
    await Promise.all(closing);
  }
}
