import { rm, symlink, writeFile, mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Quarantined } from '../../src/ranking/quarantine.js';
import { BundleRankers, type BundleState } from '../../src/ranking/rankers.js';
import { readManifest } from '../../src/ranking/bundle.js';
import { ENTRIES, fixture, modelsDir, publish } from './fixture.js';

const NEVER = new AbortController().signal;
let rankers: BundleRankers;

async function open(dir: string, states: BundleState[] = [], quarantined: Quarantined[] = []): Promise<BundleRankers> {
  rankers = await BundleRankers.open({
    dir,
    placement: 'pool',
    registryFingerprint: 'registry-1',
    width: 500,
    poolSize: 1,
    pollMs: 3_600_000,
    graceMs: 0,
    quarantined,
    onPoisoned: (reason) => {
      throw new Error(reason);
    },
    onState: (state) => states.push(state),
    entries: ENTRIES,
    limits: { timeMs: 30_000, memoryBytes: 1024 ** 3 },
  });
  return rankers;
}

function idOf(name: string, data = 'data-1'): string {
  const ranker = rankers.forWorld(data, name);
  return 'id' in ranker ? ranker.id : ranker.unavailable;
}

afterEach(async () => {
  await rankers.close();
});

describe('the registry of rankers', () => {
  it('serves the latest admitted version, and says how each bundle came to its state', async () => {
    const dir = await modelsDir();
    await publish(dir, 'normal', 'next-track', '1.9.0');
    await publish(dir, 'normal', 'next-track', '1.10.0');
    await publish(dir, 'wrong-golden', 'next-track', '2.0.0');
    await open(dir);
    expect(idOf('next-track')).toBe('next-track@1.10.0');
    expect(rankers.states()).toEqual([
      {
        name: 'next-track',
        version: '2.0.0',
        status: 'rejected',
        dataFingerprint: 'data-1',
        reason: expect.stringMatching(/^golden\.json: scores\.relevance/) as string,
      },
      {
        name: 'next-track',
        version: '1.10.0',
        status: 'live',
        dataFingerprint: 'data-1',
        placement: 'pool',
        p99Ms: expect.any(Number) as number,
      },
      { name: 'next-track', version: '1.9.0', status: 'found', dataFingerprint: 'data-1' },
    ]);
  });

  it('scores', async () => {
    const dir = await modelsDir();
    await publish(dir, 'normal', 'next-track', '1.0.0');
    await open(dir);
    const ranker = rankers.forWorld('data-1', 'next-track');
    if (!('id' in ranker)) throw new Error(ranker.unavailable);
    const scores = await ranker.score(Float32Array.of(0.5, -1, 2, 0), 1, NEVER);
    expect(scores.combined[0]).toBeCloseTo(0.517333, 4);
  });

  it('binds a bundle to its data, and names the command to train on other data', async () => {
    const dir = await modelsDir();
    await publish(dir, 'normal', 'next-track', '1.0.0');
    await publish(dir, 'normal', 'next-track', '1.1.0', { dataFingerprint: 'data-2' });
    await open(dir);
    expect(idOf('next-track', 'data-1')).toBe('next-track@1.0.0');
    expect(idOf('next-track', 'data-2')).toBe('next-track@1.1.0');
    expect(idOf('next-track', 'data-3')).toMatch(
      /^model next-track@1\.\d\.0 was trained on data data-\d; this world is data-3; train with `npm run train -- --name next-track/,
    );
  });

  it('refuses a bundle of another feature registry', async () => {
    const dir = await modelsDir();
    await publish(dir, 'normal', 'next-track', '1.0.0', { registryFingerprint: 'registry-2' });
    await open(dir);
    expect(idOf('next-track')).toMatch(
      /^model next-track@1\.0\.0 was rejected: manifest\.json: registryFingerprint: given registry-2; allowed: registry-1/,
    );
  });

  it('says that there is no such model, also where there is no directory', async () => {
    await open(join(await modelsDir(), 'nowhere'));
    expect(idOf('next-track')).toMatch(/^there is no model next-track in .*nowhere; train with/);
  });

  it('finds a bundle that is published while it runs, and frees the one before', async () => {
    const dir = await modelsDir();
    const states: BundleState[] = [];
    await publish(dir, 'normal', 'next-track', '1.0.0');
    await open(dir, states);
    const before = rankers.forWorld('data-1', 'next-track');
    await publish(dir, 'normal', 'next-track', '1.1.0');
    await rankers.rescan();
    expect(idOf('next-track')).toBe('next-track@1.1.0');
    expect(states.filter(({ version }) => version === '1.0.0').at(-1)?.status).toBe('retired');
    if (!('id' in before)) throw new Error(before.unavailable);
    await new Promise((resolve) => setTimeout(resolve, 1));
    await expect(before.score(new Float32Array(4), 1, NEVER)).rejects.toThrow('next-track@1.0.0 is retired');
  });

  it('looks again after a look that failed, and can be closed', async () => {
    const dir = await modelsDir();
    await open(dir);
    const loop = join(dir, 'loop');
    await symlink(loop, loop);
    await expect(rankers.rescan()).rejects.toThrow('ELOOP');
    await rm(loop);
    await publish(dir, 'normal', 'next-track', '1.0.0');
    await rankers.rescan();
    expect(idOf('next-track')).toBe('next-track@1.0.0');
  });

  it('goes back to the version before when the latest is taken away', async () => {
    const dir = await modelsDir();
    await publish(dir, 'normal', 'next-track', '1.0.0');
    const latest = await publish(dir, 'normal', 'next-track', '1.1.0');
    await open(dir);
    expect(idOf('next-track')).toBe('next-track@1.1.0');
    await rm(latest, { recursive: true });
    await rankers.rescan();
    expect(idOf('next-track')).toBe('next-track@1.0.0');
  });

  it('gives a model in quarantine no request more, by its file: the version before serves, or another file', async () => {
    const dir = await modelsDir();
    await publish(dir, 'normal', 'next-track', '1.0.0');
    const bad = await readManifest(await publish(dir, 'outcomes', 'next-track', '1.1.0'));
    await open(dir);
    const before = rankers.forWorld('data-1', 'next-track');
    if (!('id' in before)) throw new Error(before.unavailable);
    expect(before.id).toBe('next-track@1.1.0');
    rankers.quarantine({ sha256: bad.sha256, reason: 'it hangs' });
    expect(idOf('next-track')).toMatch(/^model next-track@1\.1\.0 was rejected: it hangs; train with/);
    await expect(before.score(new Float32Array(4), 1, NEVER)).rejects.toThrow('it hangs');
    await rankers.rescan();
    expect(idOf('next-track')).toBe('next-track@1.0.0');

    await publish(dir, 'outcomes', 'next-track', '1.2.0');
    await rankers.rescan();
    expect(idOf('next-track')).toBe('next-track@1.0.0');
    await publish(dir, 'stuck-over-1000', 'next-track', '1.3.0');
    await rankers.rescan();
    expect(rankers.states().map(({ version, status }) => `${version} ${status}`)).toEqual([
      '1.3.0 live',
      '1.2.0 rejected',
      '1.1.0 rejected',
      '1.0.0 retired',
    ]);
  });

  it('opens no model that was in quarantine before it began', async () => {
    const dir = await modelsDir();
    const { sha256 } = await readManifest(await publish(dir, 'normal', 'next-track', '1.0.0'));
    const states: BundleState[] = [];
    await open(dir, states, [{ sha256, reason: 'it hangs' }]);
    expect(idOf('next-track')).toMatch(/was rejected: it hangs/);
    expect(states.map(({ status }) => status)).toEqual(['found', 'rejected']);
  });

  it('leaves a bundle alone until its manifest is there', async () => {
    const dir = await modelsDir();
    const bundle = await publish(dir, 'normal', 'next-track', '1.0.0');
    await rename(join(bundle, 'manifest.json'), join(bundle, 'manifest.json.part'));
    await open(dir);
    expect(rankers.states()).toEqual([]);
    await rename(join(bundle, 'manifest.json.part'), join(bundle, 'manifest.json'));
    await rankers.rescan();
    expect(idOf('next-track')).toBe('next-track@1.0.0');
  });

  it('looks again at a bundle that was published anew', async () => {
    const dir = await modelsDir();
    const bundle = await publish(dir, 'wrong-golden', 'next-track', '1.0.0');
    await open(dir);
    expect(idOf('next-track')).toMatch(/was rejected: golden\.json/);
    await rm(bundle, { recursive: true });
    await publish(dir, 'normal', 'next-track', '1.0.0');
    await rankers.rescan();
    expect(idOf('next-track')).toBe('next-track@1.0.0');
  });

  it('is not disturbed by what else is in the directory', async () => {
    const dir = await modelsDir();
    await publish(dir, 'normal', 'next-track', '1.0.0');
    await mkdir(join(dir, 'training', 'tests'), { recursive: true });
    await writeFile(join(dir, 'README.md'), 'x');
    await writeFile(join(dir, 'next-track', 'notes'), 'x');
    await publish(dir, 'normal', 'next-track', '.1.1.0.99.part');
    await mkdir(join(dir, 'broken', '1.0.0'), { recursive: true });
    await writeFile(join(dir, 'broken', '1.0.0', 'manifest.json'), '{');
    await open(dir);
    expect(rankers.states().map(({ name, version, status }) => `${name}@${version} ${status}`)).toEqual([
      'broken@1.0.0 rejected',
      'next-track@1.0.0 live',
    ]);
    expect(fixture('normal')).toMatch(/normal/);
  });
});
