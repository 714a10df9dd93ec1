/** What the log asks of a file system, so that tests can make it fail where a real one would. */
import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { codeOf } from '../system-error.js';

export interface LogFile {
  /** Writes all of the bytes at the end. A failure may leave some of them behind. */
  append(bytes: Uint8Array): Promise<void>;
  datasync(): Promise<void>;
  close(): Promise<void>;
}

export interface LogFiles {
  makeDirectory(path: string): Promise<void>;
  /** Names in a directory; empty when there is none. */
  list(directory: string): Promise<string[]>;
  sizeOf(path: string): Promise<number>;
  /** A new file for appending. Rejects when it exists. */
  create(path: string): Promise<LogFile>;
  /** At most `length` bytes from `from` on; fewer at the end. */
  read(path: string, from: number, length: number): Promise<Uint8Array>;
  /** Cuts a file to `length` bytes, durably. */
  truncate(path: string, length: number): Promise<void>;
  /** Puts a file with these bytes in the place of another, atomically and durably. */
  replace(path: string, bytes: Uint8Array): Promise<void>;
  /** Not an error when it is gone already. */
  remove(path: string): Promise<void>;
  /** Makes names that were added to or removed from a directory durable. */
  syncDirectory(path: string): Promise<void>;
}

/** The real one. */
export const diskFiles: LogFiles = {
  async makeDirectory(path) {
    await mkdir(path, { recursive: true });
  },
  async list(directory) {
    try {
      return await readdir(directory);
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return [];
      throw error;
    }
  },
  async sizeOf(path) {
    return (await stat(path)).size;
  },
  async create(path) {
    const handle = await open(
      path,
      constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_APPEND,
      0o640,
    );
    return {
      append: (bytes) => writeAll(handle, bytes),
      datasync: () => handle.datasync(),
      close: () => handle.close(),
    };
  },
  async read(path, from, length) {
    await using handle = await open(path, 'r');
    const buffer = Buffer.allocUnsafe(length);
    let filled = 0;
    while (filled < length) {
      const { bytesRead } = await handle.read(buffer, filled, length - filled, from + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return buffer.subarray(0, filled);
  },
  async truncate(path, length) {
    await using handle = await open(path, 'r+');
    await handle.truncate(length);
    await handle.sync();
  },
  async replace(path, bytes) {
    const beside = `${path}.${process.pid}.tmp`;
    try {
      await using handle = await open(beside, 'w', 0o640);
      await writeAll(handle, bytes);
      await handle.datasync();
    } catch (error) {
      await rm(beside, { force: true });
      throw error;
    }
    await rename(beside, path);
    await this.syncDirectory(dirname(path));
  },
  async remove(path) {
    await rm(path, { force: true });
  },
  async syncDirectory(path) {
    await using handle = await open(path, 'r');
    await handle.sync();
  },
};

/** A write to a nearly full disk may take a part of the bytes without an error. */
async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    const { bytesWritten } = await handle.write(bytes, written, bytes.length - written);
    if (bytesWritten === 0) throw new Error(`wrote ${written} of ${bytes.length} bytes`);
    written += bytesWritten;
  }
}
