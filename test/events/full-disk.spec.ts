/** A disk that is really full: a file system of one megabyte in memory. Mounting needs root; without it the suite is skipped, in CI it fails. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSegmentLog } from '../../src/events/segment-log.js';

const directory = mkdtempSync(join(tmpdir(), 'segue-full-'));
const mounted = mount();

function mount(): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', directory], { stdio: 'pipe' });
    return true;
  } catch (error) {
    if (process.env.CI !== 'true') process.stderr.write(`skipped "a full disk": ${String(error)}\n`);
    return false;
  }
}

afterAll(() => {
  if (mounted) execFileSync('umount', [directory]);
  rmSync(directory, { recursive: true });
});

const suite = mounted || process.env.CI === 'true' ? describe : describe.skip;

function linesOf(stream: string): string[] {
  return readdirSync(join(directory, '0'))
    .filter((name) => name.startsWith(`${stream}-`))
    .sort()
    .flatMap((name) =>
      readFileSync(join(directory, '0', name), 'utf8')
        .split('\n')
        .slice(0, -1),
    );
}

suite('a full disk', () => {
  test('refuses events, drops exposures, keeps what was acknowledged, and recovers by itself', async () => {
    expect(mounted).toBe(true);
    let nowMs = Date.UTC(2026, 10, 1);
    const log = await openSegmentLog({ directory, slot: 0, nowMs: () => nowMs, exposureFlushMs: 1 });
    const text = 'x'.repeat(1_000);
    const acknowledged: number[] = [];
    const append = async (id: number): Promise<string> => {
      try {
        await log.append('events', [{ id, text }]);
        acknowledged.push(id);
        return 'taken';
      } catch (error) {
        return String(error);
      }
    };

    writeFileSync(join(directory, 'other'), Buffer.alloc(65_536));
    let id = 0;
    while ((await append(id)) === 'taken') expect(id++).toBeLessThan(2_000);
    expect(acknowledged.length).toBeGreaterThan(500);
    // What a failed write left is cut off, so some room is left; fill it to the last page.
    fillTheRest();
    for (let tries = 0; tries < 20; tries++) {
      nowMs += 5_000;
      expect(await append(++id)).toContain('could not be written');
    }
    log.offer({ id: 1, text });
    log.offer({ id: 2, text });
    while (log.droppedExposures < 2) await new Promise((resolve) => setTimeout(resolve, 1));
    expect(linesOf('events').map((line) => (JSON.parse(line) as { id: number }).id)).toEqual(acknowledged);

    rmSync(join(directory, 'other'));
    nowMs += 5_000;
    expect(await append(id + 1)).toBe('taken');
    expect(log.offer({ id: 3 })).toBe(true);
    await log.close();
    expect(linesOf('events').map((line) => (JSON.parse(line) as { id: number }).id)).toEqual(acknowledged);
    expect(linesOf('exposures').map((line) => (JSON.parse(line) as { n: number }).n)).toEqual([3]);

    const next = await openSegmentLog({ directory, slot: 0, nowMs: () => nowMs });
    await next.close();
  });
});

function fillTheRest(): void {
  const { bfree, bsize } = statfsSync(directory);
  writeFileSync(join(directory, 'rest'), Buffer.alloc(bfree * bsize));
}
