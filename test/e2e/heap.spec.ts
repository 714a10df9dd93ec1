import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { compiledSource } from '../compiled.js';

const run = promisify(execFile);
const MIB = 2 ** 20;
/** Keeps 200,000 objects, always others, long enough for the young space to grow as far as it may; prints its bytes. */
const CHURN = `
  const { getHeapSpaceStatistics } = await import('node:v8');
  let kept = [];
  for (let turn = 0; turn < 100; turn++) {
    for (let i = 0; i < 30_000; i++) kept.push({ i, list: [i] });
    if (kept.length > 200_000) kept = kept.slice(150_000);
    await new Promise(setImmediate);
  }
  console.log(getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space').space_size);
`;

let compiled: string;

beforeAll(async () => {
  compiled = await compiledSource();
});

afterAll(async () => {
  await rm(compiled, { recursive: true, force: true });
});

async function youngBytesAfter(before: string): Promise<number> {
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', before + CHURN]);
  return Number(stdout);
}

it('the young space stops growing where its collection is short, if a store is called', async () => {
  const heap = pathToFileURL(join(compiled, 'process', 'heap.js')).href;
  expect(await youngBytesAfter(`(await import('${heap}')).tuneHeap(true);`)).toBe(32 * MIB);
  expect(await youngBytesAfter(`(await import('${heap}')).tuneHeap(false);`)).toBeGreaterThan(32 * MIB);
});
