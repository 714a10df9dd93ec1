/** From plays and tracks to the tables of a world: read, check, run dbt, put in place. */
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { SegueError } from '../../errors.js';
import { countRows } from './count-rows.js';
import { BUILD_MANIFEST, type BuildManifest } from './manifest.js';
import { intoPlace } from './out-dir.js';
import { findPython } from './python.js';
import { DBT_LOG, runDbt, type DbtProgress } from './run-dbt.js';
import { prepareSources, type SourceOptions, type SourceProgress } from './sources.js';

export interface BuildOptions extends SourceOptions {
  readonly out: string;
  /** Replace `out`. */
  readonly force?: boolean;
  /** Of the project, where `pipelines` and `.venv` are. */
  readonly root: string;
  /** A Python with dbt; undefined takes `<root>/.venv`. */
  readonly python?: string | undefined;
  /** Stops the build and removes what there is of it. */
  readonly signal: AbortSignal;
  readonly now: () => Date;
  readonly progress: (event: BuildProgress) => void;
}

export type BuildProgress = SourceProgress | DbtProgress;

/** @throws SegueError when a source is refused, dbt or its environment is missing, or a model or test fails; the signal's reason */
export async function buildWorld(options: BuildOptions): Promise<BuildManifest> {
  const python = await findPython(options.root, options.python);
  return intoPlace(options.out, options.force ?? false, async (partial) => {
    const workDir = join(partial, 'work');
    const sourcesDir = join(workDir, 'sources');
    await mkdir(sourcesDir, { recursive: true });
    const checked = await prepareSources(options, workDir, sourcesDir, options.progress);
    await runModels(options, { python, partial, workDir, sourcesDir });
    const manifest: BuildManifest = {
      format: 1,
      ...checked,
      asOf: options.asOf?.toISOString() ?? null,
      counts: await countRows(partial),
      sources: { plays: basename(options.plays), tracks: basename(options.tracks) },
      createdAt: options.now().toISOString(),
    };
    await rm(workDir, { recursive: true });
    await writeFile(join(partial, BUILD_MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
    return manifest;
  });
}

async function runModels(
  options: BuildOptions,
  dirs: { readonly python: string; readonly partial: string; readonly workDir: string; readonly sourcesDir: string },
): Promise<void> {
  try {
    await runDbt(
      {
        python: dirs.python,
        projectDir: join(options.root, 'pipelines'),
        sourcesDir: dirs.sourcesDir,
        exportDir: dirs.partial,
        workDir: dirs.workDir,
        asOfMs: options.asOf?.getTime(),
        threads: options.threads,
        signal: options.signal,
      },
      options.progress,
    );
  } catch (error) {
    if (!(error instanceof SegueError) || error.code !== 'SEGUE_INTERNAL') throw error;
    const log = `${resolve(options.out)}.failed-dbt.log`;
    await copyFile(join(dirs.workDir, DBT_LOG), log).catch(() => undefined);
    throw new SegueError(error.code, `${error.message}\nAll of dbt's log: ${log}`, undefined, { cause: error });
  }
}
