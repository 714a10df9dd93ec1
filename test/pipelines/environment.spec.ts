/** What `segue build` says when it cannot run dbt, and when a model or a test fails. */
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BUILD_TIMEOUT_MS, ROOT, build, describeWithPython, temporaryDirectory, writeCsv } from './build.js';

let directory: string;
let sources: { plays: string; tracks: string; out: string };

beforeEach(async () => {
  directory = await temporaryDirectory();
  sources = {
    plays: await writeCsv(join(directory, 'plays.csv'), 'listener_id,track_id,played_at', ['l,a,2026-01-01T00:00:00Z']),
    tracks: await writeCsv(join(directory, 'tracks.csv'), 'track_id,title,artist', ['a,Aye,X']),
    out: join(directory, 'world'),
  };
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

describe('segue build without dbt', () => {
  const told = { code: 'SEGUE_UNAVAILABLE', message: expect.stringContaining('npm run setup:python') as string };

  it('names the command that makes the environment', async () => {
    await expect(build(sources, { root: directory, python: undefined })).rejects.toMatchObject(told);
    await expect(build(sources, { python: join(directory, 'no-python') })).rejects.toMatchObject(told);
    expect((await readdir(directory)).sort()).toEqual(['plays.csv', 'tracks.csv']);
  });

  it('keeps a directory that exists, unless it may replace it', async () => {
    await mkdir(sources.out);
    await writeFile(join(sources.out, 'kept'), '');
    await expect(build(sources)).rejects.toThrow('--force');
    await expect(build(sources, { force: true, python: join(directory, 'no-python') })).rejects.toMatchObject(told);
    expect(await readdir(sources.out)).toEqual(['kept']);
  });
});

describeWithPython('segue build', () => {
  it(
    'leaves nothing when it is stopped',
    async () => {
      const stop = new AbortController();
      const stopped = build(sources, {
        signal: stop.signal,
        progress: (event) => {
          if (event.of === 'model') stop.abort(new Error('stopped'));
        },
      });
      await expect(stopped).rejects.toThrow('stopped');
      expect((await readdir(directory)).sort()).toEqual(['plays.csv', 'tracks.csv']);
    },
    BUILD_TIMEOUT_MS,
  );

  it(
    'leaves no world when a test fails, and says where the log is',
    async () => {
      await cp(join(ROOT, 'pipelines'), join(directory, 'pipelines'), { recursive: true });
      await writeFile(
        join(directory, 'pipelines/tests/no_listener_may_be_there.sql'),
        "select * from {{ ref('listeners') }}",
      );
      const failed = await build(sources, { root: directory }).then(String, String);
      expect(failed).toContain('no_listener_may_be_there');
      expect(failed).toContain('world.failed-dbt.log');
      expect(await readFile(join(directory, 'world.failed-dbt.log'), 'utf8')).toContain('no_listener_may_be_there');
      expect((await readdir(directory)).filter((name) => name.startsWith('world'))).toEqual(['world.failed-dbt.log']);
    },
    BUILD_TIMEOUT_MS,
  );

  it(
    'replaces a directory where that is asked for',
    async () => {
      await mkdir(sources.out);
      await writeFile(join(sources.out, 'old'), '');
      const events: string[] = [];
      await build(sources, {
        force: true,
        progress: (event) => events.push(event.of === 'model' ? event.name : event.of),
      });
      const files = await readdir(sources.out);
      expect(files).toContain('build.json');
      expect(files).not.toContain('old');
      expect((await readdir(directory)).sort()).toEqual(['plays.csv', 'tracks.csv', 'world']);
      expect(events).toEqual(expect.arrayContaining(['read', 'plays', 'neighbours', 'pools', 'tested']));
    },
    BUILD_TIMEOUT_MS,
  );
});
