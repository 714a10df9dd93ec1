/** Runs the helm that this machine has. */
import { execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { parseAllDocuments } from 'yaml';

const CHART = 'helm/segue';
/** `helm` built by `go install` takes itself for a much older cluster. */
const KUBE_VERSION = '1.37.0';

export interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly [key: string]: unknown;
}

/** Path of helm, if this machine has it; `HELM` names another. */
export function findHelm(): string | undefined {
  const folders = [
    ...(process.env.PATH ?? '').split(delimiter),
    join(process.env.GOPATH ?? join(homedir(), 'go'), 'bin'),
  ];
  const candidates =
    process.env.HELM === undefined ? folders.map((folder) => join(folder, 'helm')) : [process.env.HELM];
  return candidates.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/**
 * What the chart renders.
 *
 * @param options of `helm template`, as `--set` and its value
 * @throws Error with what helm said, where it refuses the values
 */
export function render(helm: string, options: readonly string[]): Manifest[] {
  const text = execFileSync(helm, ['template', 'rel', CHART, '--kube-version', KUBE_VERSION, ...options], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return parseAllDocuments(text).flatMap((document) => {
    const manifest: unknown = document.toJS();
    return isManifest(manifest) ? [manifest] : [];
  });
}

function isManifest(value: unknown): value is Manifest {
  return typeof value === 'object' && value !== null && 'kind' in value && 'metadata' in value;
}
