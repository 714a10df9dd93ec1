/** The first key in byte order after all that start with `prefix`; a prefix is UTF-8, so its last byte is never 255. */
export function afterPrefix(prefix: string | Uint8Array): Buffer {
  const end = typeof prefix === 'string' ? Buffer.from(prefix) : Buffer.from(prefix);
  const last = end.length - 1;
  end[last] = (end[last] ?? 0) + 1;
  return end;
}
