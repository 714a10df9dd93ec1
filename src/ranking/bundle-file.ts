/** Reads the files of a bundle: regular files of bounded size, never through a symbolic link. */
import { constants } from 'node:fs';
import { lstat, open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { BundleError, codeOf } from './bundle-error.js';

export const BUNDLE_FILES = {
  'manifest.json': 16 * 1024 * 1024,
  'golden.json': 16 * 1024 * 1024,
  'model.onnx': 512 * 1024 * 1024,
} as const;
export type BundleFile = keyof typeof BUNDLE_FILES;

/** @throws BundleError when the directory is a link or no directory */
export async function requireDirectory(dir: string): Promise<void> {
  const stat = await lstat(dir).catch((error: unknown) => {
    throw new BundleError(`${dir}: cannot be read (${codeOf(error) ?? String(error)})`, { cause: error });
  });
  if (stat.isSymbolicLink()) throw new BundleError(`${dir}: is a symbolic link; allowed: a directory`);
  if (!stat.isDirectory()) throw new BundleError(`${dir}: is no directory`);
}

/** The bytes of one file of the bundle in `dir`. @throws BundleError */
export async function readBundleFile(dir: string, file: BundleFile): Promise<Buffer<ArrayBuffer>> {
  const handle = await openRegular(dir, file);
  try {
    const { size } = await handle.stat();
    const limit = BUNDLE_FILES[file];
    if (size > limit) throw new BundleError(`${file}: given ${size} bytes; allowed: at most ${limit}`);
    if (size === 0) throw new BundleError(`${file}: is empty`);
    const bytes = Buffer.allocUnsafeSlow(size);
    let at = 0;
    while (at < size) {
      const { bytesRead } = await handle.read(bytes, at, size - at, at);
      if (bytesRead === 0) throw new BundleError(`${file}: became shorter while it was read`);
      at += bytesRead;
    }
    return bytes;
  } finally {
    await handle.close();
  }
}

async function openRegular(dir: string, file: BundleFile): Promise<FileHandle> {
  // Non-blocking, so that opening a pipe put in a file's place does not wait for a writer.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const handle = await open(join(dir, file), flags).catch((error: unknown) => {
    const code = codeOf(error);
    if (code === 'ELOOP')
      throw new BundleError(`${file}: is a symbolic link; allowed: a regular file`, { cause: error });
    throw new BundleError(`${file}: cannot be read (${code ?? String(error)})`, { cause: error });
  });
  const stat = await handle.stat();
  if (stat.isFile()) return handle;
  await handle.close();
  throw new BundleError(`${file}: is no regular file`);
}
