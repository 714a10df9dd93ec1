/** Where a report goes, made sure of before anything is measured for it. */
import { accessSync, closeSync, constants, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeDirectory } from '../../src/make-directory.js';

/**
 * Makes the folders that are missing.
 *
 * @param json file of `--json`
 * @throws Error with the option, what was given and what is allowed
 */
export function prepareDestination({ out, json }: { readonly out: string; readonly json?: string }): void {
  attempt('--out', out, 'a folder that can be made and written to', () => {
    makeDirectory(out);
    accessSync(out, constants.W_OK | constants.X_OK);
  });
  if (json === undefined) return;
  attempt('--json', json, 'a file that can be written', () => {
    makeDirectory(dirname(json));
    // To append leaves the report of an earlier run whole until there is a new one.
    closeSync(openSync(json, 'a'));
  });
}

function attempt(option: string, given: string, allowed: string, make: () => void): void {
  try {
    make();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`${option}: given ${JSON.stringify(given)}; allowed: ${allowed}; here: ${why}`, { cause: error });
  }
}
