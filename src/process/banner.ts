/** What a person at a terminal sees once Segue serves. */
import type { Config } from '../config.js';
import type { Ports } from './servers.js';

function hostIn(url: string): string {
  return url.includes(':') ? `[${url}]` : url;
}

export function banner({ http, grpc, client, processes }: Config, { httpPort, grpcPort }: Ports): string {
  const base = `http://${hostIn(http.host)}:${httpPort}`;
  const key = client.keys.length > 0 ? ` -H 'authorization: Bearer <client key>'` : '';
  return `Segue serves with ${processes} ${processes === 1 ? 'process' : 'processes'}.

  HTTP   ${base}   (docs at ${base}/docs)
  gRPC   ${hostIn(grpc.host)}:${grpcPort}

  curl -s ${base}/v1/recommend${key} -H 'content-type: application/json' \\
    -d '{"listenerId":"l0042","surface":"now-playing","limit":10}'

`;
}
