/** The real file system, with faults where a test wants them. */
import type { LogFile, LogFiles } from '../../src/events/log-files.js';
import { diskFiles } from '../../src/events/log-files.js';

export type Operation = keyof LogFiles | 'append' | 'datasync' | 'close';

/** Called before an operation; what it throws is what the operation fails with. */
export type Fault = (operation: Operation, path: string, bytes: number) => void | Promise<void>;

export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: injected`), { code });
}

export class FaultyFiles implements LogFiles {
  fault: Fault = () => undefined;
  /** Operations so far, `name file`. */
  readonly calls: string[] = [];
  /** A failing append leaves this share of its bytes behind. */
  partShare = 0.5;

  makeDirectory(path: string): Promise<void> {
    return this.run('makeDirectory', path, () => diskFiles.makeDirectory(path));
  }
  list(directory: string): Promise<string[]> {
    return this.run('list', directory, () => diskFiles.list(directory));
  }
  sizeOf(path: string): Promise<number> {
    return this.run('sizeOf', path, () => diskFiles.sizeOf(path));
  }
  create(path: string): Promise<LogFile> {
    return this.run('create', path, async () => {
      const file = await diskFiles.create(path);
      return {
        append: async (bytes: Uint8Array) => {
          try {
            await this.run('append', path, () => file.append(bytes), bytes.length);
          } catch (error) {
            await file.append(bytes.subarray(0, Math.floor(bytes.length * this.partShare)));
            throw error;
          }
        },
        datasync: () => this.run('datasync', path, () => file.datasync()),
        close: () => this.run('close', path, () => file.close()),
      };
    });
  }
  read(path: string, from: number, length: number): Promise<Uint8Array> {
    return this.run('read', path, () => diskFiles.read(path, from, length));
  }
  truncate(path: string, length: number): Promise<void> {
    return this.run('truncate', path, () => diskFiles.truncate(path, length));
  }
  replace(path: string, bytes: Uint8Array): Promise<void> {
    return this.run('replace', path, () => diskFiles.replace(path, bytes), bytes.length);
  }
  remove(path: string): Promise<void> {
    return this.run('remove', path, () => diskFiles.remove(path));
  }
  syncDirectory(path: string): Promise<void> {
    return this.run('syncDirectory', path, () => diskFiles.syncDirectory(path));
  }

  private async run<T>(operation: Operation, path: string, work: () => Promise<T>, bytes = 0): Promise<T> {
    this.calls.push(`${operation} ${path.slice(path.lastIndexOf('/') + 1)}`);
    await this.fault(operation, path, bytes);
    return work();
  }
}
