import { mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeDirectory } from './make-directory.js';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'segue-make-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

it('makes what is missing above it, and leaves what is there', () => {
  const path = join(directory, 'a', 'b', 'c');
  makeDirectory(path);
  makeDirectory(path);
  expect(statSync(path).isDirectory()).toBe(true);
});

it('takes a link to a directory for one, and no link to nothing', () => {
  symlinkSync(directory, join(directory, 'there'));
  makeDirectory(join(directory, 'there', 'a'));
  symlinkSync(join(directory, 'gone'), join(directory, 'dangling'));
  expect(() => {
    makeDirectory(join(directory, 'dangling', 'a'));
  }).toThrow('ENOENT');
});

it('does not take a file for a directory, nor for one above', () => {
  writeFileSync(join(directory, 'file'), '');
  for (const path of ['file', 'file/a', 'file/a/b'])
    expect(() => {
      makeDirectory(join(directory, path));
    }).toThrow('ENOTDIR');
});

it('ends where no directory can be made', () => {
  expect(() => {
    makeDirectory('/proc/x/y');
  }).toThrow(/^E/);
});
