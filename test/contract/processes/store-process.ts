/** The near end of `store-child.mjs`: an LMDB store in another process, as a few methods that cross the line. */
import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { LmdbStoreOptions } from '../../../src/store/lmdb/lmdb-store.js';
import type { Row, RowStore } from '../../../src/store/row-store.js';

interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string; readonly reason: string };
}

export class StoreProcess {
  private calls = 0;
  private readonly waiting = new Map<number, (answer: Answer) => void>();

  private constructor(private readonly child: ChildProcess) {
    child.on('message', (answer: Answer) => {
      this.waiting.get(answer.id)?.(answer);
      this.waiting.delete(answer.id);
    });
  }

  /** @param compiled as `compiledSource` gives it */
  static async start(compiled: string, options: LmdbStoreOptions): Promise<StoreProcess> {
    const script = join(import.meta.dirname, 'store-child.mjs');
    const child = fork(script, [compiled, JSON.stringify(options)], {
      execArgv: [],
      env: {},
      serialization: 'advanced',
    });
    await once(child, 'message');
    return new StoreProcess(child);
  }

  read(refs: Parameters<RowStore['read']>[0]): Promise<(Row | undefined)[]> {
    return this.call('read', refs) as Promise<(Row | undefined)[]>;
  }

  mutate(...args: Parameters<RowStore['mutate']>): Promise<unknown> {
    return this.call('mutate', ...args);
  }

  compareAndSet(...args: Parameters<RowStore['compareAndSet']>): Promise<boolean> {
    return this.call('compareAndSet', ...args) as Promise<boolean>;
  }

  writeAll(table: string, rows: Parameters<RowStore['writeAll']>[1]): Promise<unknown> {
    return this.call('writeAll', table, [...(rows as Iterable<unknown>)]);
  }

  createTable(table: string): Promise<unknown> {
    return this.call('createTable', table);
  }

  dropTable(table: string): Promise<unknown> {
    return this.call('dropTable', table);
  }

  scanned(table: string, prefix: string): Promise<string[]> {
    return this.call('scanned', table, prefix) as Promise<string[]>;
  }

  /** Writes until killed. */
  writeForever(): void {
    void this.call('writeForever');
  }

  /** As a crash: nothing is closed. */
  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await ended;
  }

  private call(method: string, ...args: unknown[]): Promise<unknown> {
    const id = ++this.calls;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, ({ result, error }) => {
        if (error === undefined) resolve(result);
        else reject(Object.assign(new Error(error.message), { reason: error.reason }));
      });
      this.child.send({ id, method, args });
    });
  }
}
