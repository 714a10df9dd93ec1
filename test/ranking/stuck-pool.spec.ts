import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

describe('workers that are stuck in native code', () => {
  it('are replaced, and after the second the process is told to end', async () => {
    const driver = fileURLToPath(new URL('./stuck-pool.mjs', import.meta.url));
    const child = spawn(process.execPath, [driver], { stdio: ['ignore', 'pipe', 'inherit'], timeout: 50_000, env: {} });
    const [output] = await Promise.all([text(child.stdout), once(child, 'exit')]);
    expect(output.trim().split('\n')).toEqual([
      'sound: 2',
      'first stuck: error: a ranking worker has not answered for 300 ms',
      'by its replacement: 2',
      'second stuck: error: a ranking worker has not answered for 300 ms',
      'poisoned: 2 ranking workers are stuck',
      'after that: error: 2 ranking workers are stuck',
    ]);
    expect(child.signalCode).toBe('SIGKILL');
  });
});
