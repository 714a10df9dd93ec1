/** Errors of the system, as Node gives them. */

/** The `code` of a system error, such as ENOSPC. */
export function codeOf(error: unknown): string | undefined {
  const named = typeof error === 'object' && error !== null && 'code' in error;
  return named && typeof error.code === 'string' ? error.code : undefined;
}
