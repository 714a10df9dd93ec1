import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readiness, READY_PARTS } from '../../src/api/readiness.js';
import { composeParts } from '../../src/app.module.js';
import { parseConfig } from '../../src/config.js';
import { createLog } from '../../src/log.js';
import { HopelessError } from '../../src/process/hopeless-error.js';
import { NO_PEERS } from '../../src/process/peers.js';
import { Telemetry } from '../../src/telemetry.js';

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'segue-directories-'));
});

afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

function boot(env: Readonly<Record<string, string>>): ChildProcess {
  return spawn(process.execPath, ['dist/main.js'], {
    env: { PATH: process.env.PATH, SEGUE_HTTP_PORT: '0', SEGUE_GRPC_PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function ended(env: Readonly<Record<string, string>>): Promise<Ended> {
  const child = boot(env);
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  await once(child, 'close');
  return { code: child.exitCode, stdout, stderr };
}

/** One line that names the key, what was given and what is allowed. */
function lineAbout(key: string, given: string, why: string): Ended {
  return {
    code: 78,
    stdout: '',
    stderr: `segue: ${key}: given "${given}"; allowed: a directory that can be made, read and written; here: ${why}\n`,
  };
}

const DATA_DIR = 'SEGUE_DATA_DIR (dataDir in segue.yaml)';
const EVENTS_DIR = 'SEGUE_EVENTS_DIR (events.dir in segue.yaml)';

describe.each([['1'], ['2']])('a start with %s says in one line, and ends,', (processes) => {
  it('that the data directory is a file', async () => {
    const file = join(directory, 'file');
    await writeFile(file, '');
    expect(await ended({ SEGUE_DATA_DIR: file, SEGUE_PROCESSES: processes })).toEqual(
      lineAbout(DATA_DIR, file, `ENOTDIR: not a directory, mkdir '${file}/live'`),
    );
  });

  it('that the data directory cannot be made', async () => {
    // Where there is no /proc, nobody but root may make a directory of that name either.
    const { code, stdout, stderr } = await ended({ SEGUE_DATA_DIR: '/proc/x', SEGUE_PROCESSES: processes });
    expect({ code, stdout }).toEqual({ code: 78, stdout: '' });
    expect(stderr).toMatch(/^segue: SEGUE_DATA_DIR \(dataDir in segue\.yaml\): given "\/proc\/x"; allowed: .*\n$/);
  });

  it('that the rows of the data directory are none', async () => {
    const dataDir = join(directory, `overwritten-${processes}`);
    const file = join(dataDir, 'live', 'data.mdb');
    await mkdir(join(dataDir, 'live'), { recursive: true });
    await writeFile(file, Buffer.alloc(32_768, 7));
    expect(await ended({ SEGUE_DATA_DIR: dataDir, SEGUE_PROCESSES: processes })).toEqual(
      lineAbout(
        DATA_DIR,
        dataDir,
        `${file} is not LMDB's, or was cut off: put a good copy in its place, or move it away to begin anew`,
      ),
    );
  });

  it('that the directory of the event log cannot be made, before anything is loaded', async () => {
    const env = { SEGUE_DATA_DIR: join(directory, 'events'), SEGUE_EVENTS_DIR: '/dev/null/x' };
    expect(await ended({ ...env, SEGUE_PROCESSES: processes })).toEqual(
      lineAbout(EVENTS_DIR, '/dev/null/x', "ENOTDIR: not a directory, mkdir '/dev/null/x'"),
    );
  });
});

it('a start says that the lock of the rows is no file, which LMDB would not survive', async () => {
  const dataDir = join(directory, 'lock');
  const lock = join(dataDir, 'live', 'lock.mdb');
  await mkdir(lock, { recursive: true });
  expect(await ended({ SEGUE_DATA_DIR: dataDir, SEGUE_PROCESSES: '1' })).toEqual(
    lineAbout(DATA_DIR, dataDir, `${lock} is no file`),
  );
});

it('a process gives up on a directory that became unusable while it started', async () => {
  const file = join(directory, 'changed');
  await writeFile(file, '');
  const config = parseConfig({ env: { SEGUE_DATA_DIR: file }, readFile: () => undefined });
  const log = createLog('silent', 0);
  const telemetry = await Telemetry.start({ process: 0, sampleRatio: 0, log, random: Math.random });
  const readiness = new Readiness(READY_PARTS);
  const place = { slot: 0, isReplacement: false, isHousekeeper: true };
  await expect(composeParts({ config, place, peers: NO_PEERS, telemetry, readiness, log })).rejects.toThrow(
    HopelessError,
  );
  await telemetry.close();
});

it('a start goes on asking a store elsewhere that does not answer', async () => {
  const child = boot({
    SEGUE_STORE: 'bigtable',
    SEGUE_BIGTABLE_PROJECT: 'p',
    SEGUE_BIGTABLE_INSTANCE: 'i',
    SEGUE_BIGTABLE_EMULATOR_HOST: '127.0.0.1:1',
    SEGUE_DATA_DIR: join(directory, 'elsewhere'),
    SEGUE_PROCESSES: '1',
  });
  const exited = once(child, 'exit');
  let asked = 0;
  for await (const line of createInterface(child.stdout!)) {
    if (line.includes('the row store does not answer; trying again') && ++asked > 3) break;
  }
  child.kill('SIGKILL');
  await exited;
  expect(asked).toBeGreaterThan(3);
});
