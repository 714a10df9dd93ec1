/** A bundle on disk: `model.onnx`, `manifest.json`, `golden.json` in one directory. */
import { createHash } from 'node:crypto';
import { basename, dirname } from 'node:path';
import type { z } from 'zod';
import { BundleError, firstLine } from './bundle-error.js';
import { readBundleFile, requireDirectory, type BundleFile } from './bundle-file.js';
import { goldenMisfit, goldenSchema, type Golden } from './golden.js';
import { manifestSchema, type Manifest } from './manifest.js';

export interface Bundle {
  /** `<models>/<name>/<version>` */
  readonly dir: string;
  readonly manifest: Manifest;
  readonly golden: Golden;
}

/** `name@version` */
export function bundleId({ name, version }: Pick<Manifest, 'name' | 'version'>): string {
  return `${name}@${version}`;
}

/**
 * Reads and checks what a bundle says of itself; the model is left alone.
 *
 * @throws BundleError that names the file, the key, what was given and what is allowed
 */
export async function readBundle(dir: string): Promise<Bundle> {
  const manifest = await readManifest(dir);
  const golden = await readJson(dir, 'golden.json', goldenSchema);
  const misfit = goldenMisfit(golden, manifest);
  if (misfit !== undefined) throw new BundleError(`golden.json: ${misfit}`);
  return { dir, manifest, golden };
}

/** The manifest alone, as `readBundle`. */
export async function readManifest(dir: string): Promise<Manifest> {
  await requireDirectory(dirname(dir));
  await requireDirectory(dir);
  const manifest = await readJson(dir, 'manifest.json', manifestSchema);
  for (const [key, given, folder] of [
    ['version', manifest.version, basename(dir)],
    ['name', manifest.name, basename(dirname(dir))],
  ] as const) {
    if (given !== folder) {
      throw new BundleError(`manifest.json: ${key}: given ${JSON.stringify(given)}; allowed: ${folder}, as its folder`);
    }
  }
  return manifest;
}

/**
 * The model's bytes, which are those that the manifest names.
 *
 * @throws BundleError when they are not
 */
export async function readModel({ dir, manifest }: Pick<Bundle, 'dir' | 'manifest'>): Promise<Buffer<ArrayBuffer>> {
  const bytes = await readBundleFile(dir, 'model.onnx');
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (sha256 !== manifest.sha256) {
    throw new BundleError(`model.onnx: its sha256 is ${sha256}; allowed: ${manifest.sha256}, as manifest.json says`);
  }
  return bytes;
}

async function readJson<Schema extends z.ZodType>(
  dir: string,
  file: BundleFile,
  schema: Schema,
): Promise<z.infer<Schema>> {
  const bytes = await readBundleFile(dir, file);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new BundleError(`${file}: is not JSON (${firstLine(error)})`, {
      cause: error,
    });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.slice(0, 5).map((issue) => `${file}: ${describe(issue, value)}`);
  throw new BundleError(problems.join('\n'));
}

function describe(issue: z.core.$ZodIssue, root: unknown): string {
  const path = issue.path.map(String).join('.');
  let at: unknown = root;
  for (const part of issue.path) {
    at = typeof at === 'object' && at !== null ? Object.getOwnPropertyDescriptor(at, part)?.value : undefined;
  }
  const given = (JSON.stringify(at) as string | undefined) ?? 'nothing';
  const shown = given.length > 80 ? `${given.slice(0, 80)}…` : given;
  return `${path === '' ? 'the whole' : path}: given ${shown}; allowed: ${issue.message}`;
}
