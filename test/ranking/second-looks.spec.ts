import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { SecondLooks } from '../../src/ranking/second-looks.js';
import { modelsDir, publish } from './fixture.js';

it('moves a model to the serving thread that only seemed slow when it was admitted, and no request fails', async () => {
  const dir = await modelsDir();
  await publish(dir, 'normal', 'next-track', '1.0.0');
  const driver = fileURLToPath(new URL('./second-looks.mjs', import.meta.url));
  const child = spawn(process.execPath, [driver, dir], { stdio: ['ignore', 'pipe', 'inherit'], timeout: 50_000 });
  expect(JSON.parse(await text(child.stdout))).toEqual({
    placements: ['pool', 'inline'],
    combined: ['0.5173'],
    after: 30,
  });
});

it('looks again six times, each after twice the time', () => {
  const looks = new SecondLooks(1000, 100);
  const atMs: number[] = [];
  for (let nowMs = 1000; nowMs < 100_000; nowMs += 10) {
    if (!looks.isDue(nowMs)) continue;
    atMs.push(nowMs);
    looks.looked(nowMs);
  }
  expect(atMs).toEqual([1100, 1300, 1700, 2500, 4100, 7300]);
});
