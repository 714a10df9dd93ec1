/** Where the package lies, wherever in it this was compiled to: its models, its demo world and its pipelines are beside its package.json. */
import { findPackageJSON } from 'node:module';
import { dirname } from 'node:path';

const manifest = findPackageJSON('.', import.meta.url);
if (manifest === undefined) throw new Error(`${import.meta.url} is in no package`);

export const PACKAGE_ROOT = dirname(manifest);
