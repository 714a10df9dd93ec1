/** The checked-in bundles of test/fixtures/models, and the compiled entries that rankers start. */
import { cp, mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Manifest } from '../../src/ranking/manifest.js';

const MODELS = fileURLToPath(new URL('../fixtures/models/', import.meta.url));

/** ONNX Runtime takes no tensor of Jest's own realm, so models are opened by compiled code in threads and processes. */
export const ENTRIES = {
  child: new URL('../../dist/ranking/admission-child.js', import.meta.url),
  worker: new URL('../../dist/ranking/pool-worker.js', import.meta.url),
};

export function fixture(name: string, version = '1.0.0'): string {
  return join(MODELS, name, version);
}

/** A models directory of its own. */
export async function modelsDir(): Promise<string> {
  return await mkdtemp(join(tmpdir(), 'segue-models-'));
}

/** Publishes a copy of a fixture as `<models>/<name>/<version>`, with changes to its manifest. */
export async function publish(
  models: string,
  from: string,
  name: string,
  version: string,
  changes: Partial<Manifest> = {},
): Promise<string> {
  const dir = join(models, name, version);
  await mkdir(join(models, name), { recursive: true });
  await cp(fixture(from), dir, { recursive: true });
  const manifest: unknown = JSON.parse(await readFile(join(dir, 'manifest.json'), 'utf8'));
  await writeFile(join(dir, 'manifest.json'), JSON.stringify({ ...(manifest as object), name, version, ...changes }));
  return dir;
}
