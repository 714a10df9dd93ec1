/** Why a bundle may not serve: names the file, the key, what was given and what is allowed. */
export class BundleError extends Error {
  override readonly name = 'BundleError';
}

/** The first line of what went wrong, at most 300 characters: the runtime adds its stack to some of its messages. */
export function firstLine(error: unknown): string {
  const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
  return line.slice(0, 300);
}

/** The system's code of an error, as ENOENT. */
export function codeOf(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : undefined;
}
