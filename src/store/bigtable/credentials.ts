/** How calls prove who makes them. */
import type { ChannelCredentials } from '@grpc/grpc-js';
import { credentials, Metadata } from '@grpc/grpc-js';
import { GoogleAuth } from 'google-auth-library';

const SCOPES = [
  'https://www.googleapis.com/auth/bigtable.data',
  'https://www.googleapis.com/auth/bigtable.admin.table',
];

/** @param keyFile of a service account; without one, Application Default Credentials */
export function googleCredentials(keyFile: string | undefined): ChannelCredentials {
  const auth = new GoogleAuth({ scopes: SCOPES, ...(keyFile === undefined ? {} : { keyFile }) });
  // gRPC's own adapter for Google credentials reads the headers' own keys, of which a Headers object has none.
  const perCall = credentials.createFromMetadataGenerator((context, callback) => {
    auth.getRequestHeaders(context.service_url).then(
      (headers) => {
        const metadata = new Metadata();
        for (const [name, value] of headers) metadata.set(name, value);
        callback(null, metadata);
      },
      (error: unknown) => {
        callback(error instanceof Error ? error : new Error(String(error)));
      },
    );
  });
  return credentials.combineChannelCredentials(credentials.createSsl(), perCall);
}
