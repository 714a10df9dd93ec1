/** The pipeline on a week of real radio plays, where that data lies beside the repository. */
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { BUILD_TIMEOUT_MS, ROOT, build, describeWithPython, readTable, temporaryDirectory } from './build.js';

const RADIO = resolve(ROOT, '../shared/data/radio');

if (existsSync(RADIO)) describeWithPython('radio plays', suite);
else {
  process.stderr.write(`skipped "radio plays": ${RADIO} is missing\n`);
  describe.skip('radio plays', suite);
}

function suite(): void {
  let directory: string;

  beforeAll(async () => {
    directory = await temporaryDirectory();
  });

  afterAll(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  it(
    'become a world of 25 stations without a bad row',
    async () => {
      const out = join(directory, 'world');
      const built = await build({ plays: join(RADIO, 'plays.csv'), tracks: join(RADIO, 'tracks.csv'), out });
      expect(built.skipped.rows).toBe(0);
      expect(built.counts).toMatchObject({ tracks: 2800, listeners: 25, popular: 2000, contexts: 0 });
      const listeners = await readTable(out, 'listeners');
      expect(listeners.reduce((sum, { plays }) => sum + Number(plays), 0)).toBe(32_005);
      // Scraped time stamps are shared by many plays: the order is the stations' own, and no play is lost.
      const history = await readTable(out, 'history');
      const kseg = listeners.find(({ listener_id }) => listener_id === 'KSEG');
      const indices = history
        .filter(({ listener_id }) => listener_id === 'KSEG')
        .map(({ last_index }) => Number(last_index));
      expect(Math.max(...indices)).toBe(Number(kseg?.plays) - 1);
      expect(new Set(indices).size).toBe(indices.length);
      // 0 and 70 are no years of a recording.
      const years = (await readTable(out, 'tracks'))
        .map(({ release_year }) => release_year)
        .filter((year) => year !== null);
      expect(Math.min(...years.map(Number))).toBeGreaterThanOrEqual(1000);
    },
    BUILD_TIMEOUT_MS,
  );
}
