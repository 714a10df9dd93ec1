import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const outcome = z.object({
  samePlacement: z.boolean(),
  alone: z.number(),
  lent: z.object({ distinct: z.number(), same: z.number() }),
  crowd: z.array(z.string()),
  aborted: z.string(),
  late: z.string(),
  released: z.string(),
});

describe('both placements', () => {
  let seen: z.infer<typeof outcome>;

  beforeAll(async () => {
    const driver = fileURLToPath(new URL('./placements.mjs', import.meta.url));
    const child = spawn(process.execPath, [driver], { stdio: ['ignore', 'pipe', 'inherit'], timeout: 50_000, env: {} });
    seen = outcome.parse(JSON.parse(await text(child.stdout)));
  });

  it('give the same bits', () => {
    expect(seen.samePlacement).toBe(true);
  });

  it('score a row the same alone as among 500', () => {
    expect(seen.alone).toBe(500);
  });

  it('inline, give each of several requests at once its own scores', () => {
    expect(seen.lent).toEqual({ distinct: 8, same: 8 });
  });

  it('inline, refuse more runs than may wait, ended requests, and work after release', () => {
    expect(seen.crowd.filter((result) => result === 'none')).toHaveLength(64);
    expect(seen.crowd.filter((result) => result !== 'none')).toEqual([
      'overload: 64 runs wait already',
      'overload: 64 runs wait already',
    ]);
    expect(seen.aborted).toBe('timeout: the request ended before it was scored');
    expect(seen.late).toBe('timeout: no time was left to score');
    expect(seen.released).toBe('error: outcomes@1.0.0 was released');
  });
});
