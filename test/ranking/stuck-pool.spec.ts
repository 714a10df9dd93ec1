import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

describe('workers that are stuck in native code', () => {
  it('are replaced; after the second their model is in quarantine, and the process is told to end', async () => {
    const driver = fileURLToPath(new URL('./stuck-pool.mjs', import.meta.url));
    const child = spawn(process.execPath, [driver], { stdio: ['ignore', 'pipe', 'inherit'], timeout: 50_000, env: {} });
    const [output] = await Promise.all([text(child.stdout), once(child, 'exit')]);
    const why =
      '2 ranking workers are stuck on it, each for more than 300 ms: this file is in quarantine until the service starts anew';
    expect(output.trim().split('\n')).toEqual([
      'sound: 2',
      'lost: stuck, stuck-over-1000@1.0.0, 1 stuck',
      'first stuck: error: a ranking worker has not answered for 300 ms',
      'by its replacement: 2',
      'lost: stuck, stuck-over-1000@1.0.0, 2 stuck',
      `quarantine: ${why}`,
      'second stuck: error: a ranking worker has not answered for 300 ms',
      'poisoned: 2 ranking workers are stuck',
      `after that: error: ${why}`,
      'another model: 0.5173',
      'outcomes: {"stuck":2,"died":0,"replaced":2}, now: {"working":1,"stuck":2}',
    ]);
    expect(child.signalCode).toBe('SIGKILL');
  });
});
