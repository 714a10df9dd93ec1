/** A port that cannot be had. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}

export function listenError(error: unknown, side: 'http' | 'grpc', host: string, port: number): ListenError {
  const message = error instanceof Error ? error.message : String(error);
  const where = `${host}:${port} (SEGUE_${side.toUpperCase()}_PORT, ${side}.port)`;
  const why = message.includes('EADDRINUSE') ? 'something else listens there' : message;
  return new ListenError(`cannot listen on ${where}: ${why}`, { cause: error });
}
