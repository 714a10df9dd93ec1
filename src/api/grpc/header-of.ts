import type { Metadata } from '@grpc/grpc-js';

/** The first value of a header, where it is text. */
export function headerOf(metadata: Metadata, name: string): string | undefined {
  const [value] = metadata.get(name);
  return typeof value === 'string' ? value : undefined;
}
