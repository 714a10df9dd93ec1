import { cp, mkdir, mkdtemp, rename, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readBundle, readModel } from './bundle.js';

const NORMAL = join(import.meta.dirname, '../../test/fixtures/models/normal/1.0.0');

async function copy(): Promise<string> {
  const dir = join(await mkdtemp(join(tmpdir(), 'segue-bundle-')), 'normal', '1.0.0');
  await cp(NORMAL, dir, { recursive: true });
  return dir;
}

describe('a bundle on disk', () => {
  it('is read with its model', async () => {
    const bundle = await readBundle(await copy());
    expect(bundle.manifest.featureNames).toEqual(['alpha', 'beta', 'gamma', 'delta']);
    expect(bundle.golden.rows[1]).toEqual([null, 1, null, 3]);
    expect((await readModel(bundle)).length).toBeGreaterThan(100);
  });

  it('must lie in the folders of its name and version', async () => {
    const dir = await copy();
    const other = join(dir, '..', '1.0.1');
    await rename(dir, other);
    await expect(readBundle(other)).rejects.toThrow(
      'manifest.json: version: given "1.0.0"; allowed: 1.0.1, as its folder',
    );
  });

  it('is refused when its model is not the one that was signed for', async () => {
    const dir = await copy();
    const bundle = await readBundle(dir);
    await writeFile(join(dir, 'model.onnx'), 'another');
    await expect(readModel(bundle)).rejects.toThrow(
      /^model\.onnx: its sha256 is .*; allowed: .*as manifest\.json says$/,
    );
  });

  it.each(['manifest.json', 'golden.json', 'model.onnx'])('is refused when %s is a symbolic link', async (file) => {
    const dir = await copy();
    await rename(join(dir, file), join(dir, 'elsewhere'));
    await symlink('elsewhere', join(dir, file));
    await expect(readBundle(dir).then(readModel)).rejects.toThrow(
      `${file}: is a symbolic link; allowed: a regular file`,
    );
  });

  it('is refused when its folder, or the one above, is a symbolic link', async () => {
    const dir = await copy();
    const link = join(dir, '..', '1.0.1');
    await symlink('1.0.0', link);
    await expect(readBundle(link)).rejects.toThrow('1.0.1: is a symbolic link; allowed: a directory');
    const name = join(dir, '..', '..', 'linked');
    await symlink('normal', name);
    await expect(readBundle(join(name, '1.0.0'))).rejects.toThrow('linked: is a symbolic link; allowed: a directory');
  });

  it.each([
    ['manifest.json', 16 * 1024 * 1024],
    ['golden.json', 16 * 1024 * 1024],
    ['model.onnx', 512 * 1024 * 1024],
  ])('is refused when %s is larger than %d bytes, without reading it', async (file, limit) => {
    const dir = await copy();
    // A hole: no disk is written.
    await truncate(join(dir, file), limit + 1);
    await expect(readBundle(dir).then(readModel)).rejects.toThrow(
      `${file}: given ${limit + 1} bytes; allowed: at most ${limit}`,
    );
  });

  it('is refused when a file is missing, empty, a folder, or no JSON', async () => {
    const dir = await copy();
    await truncate(join(dir, 'golden.json'), 0);
    await expect(readBundle(dir)).rejects.toThrow('golden.json: is empty');
    await writeFile(join(dir, 'golden.json'), '{"rows": ');
    await expect(readBundle(dir)).rejects.toThrow(/^golden\.json: is not JSON \(/);
    await rename(join(dir, 'golden.json'), join(dir, 'gone'));
    await expect(readBundle(dir)).rejects.toThrow('golden.json: cannot be read (ENOENT)');
    await mkdir(join(dir, 'golden.json'));
    await expect(readBundle(dir)).rejects.toThrow('golden.json: is no regular file');
  });

  it('names the key, what was given and what is allowed', async () => {
    const dir = await copy();
    await writeFile(join(dir, 'golden.json'), '{"rows": [["one"]], "scores": {}, "combined": []}');
    await expect(readBundle(dir)).rejects.toThrow(/^golden\.json: rows\.0\.0: given "one"; allowed: /);
  });
});
