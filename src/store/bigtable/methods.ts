/**
 * The calls of Bigtable that Segue makes, as gRPC wants them. Encoded by Google's generated messages over a plain gRPC client:
 * a read through the layers of google-gax takes 1.7 times the CPU.
 */
import protos from '@google-cloud/bigtable-api/build/protos/protos.js';

const data = protos.google.bigtable.v2;
const admin = protos.google.bigtable.admin.v2;
const { Empty } = protos.google.protobuf;

export interface Method<Request, Response> {
  /** Data and table administration have an endpoint each. */
  readonly service: 'data' | 'admin';
  readonly path: string;
  readonly encode: (request: Request) => Buffer;
  readonly decode: (bytes: Buffer) => Response;
}

interface Encoder<Request> {
  encode(request: Request): { finish(): Uint8Array };
}

interface Decoder<Response> {
  decode(bytes: Uint8Array): Response;
}

function method<Request, Response>(
  service: 'data' | 'admin',
  name: string,
  request: Encoder<Request>,
  response: Decoder<Response>,
): Method<Request, Response> {
  const owner = service === 'data' ? 'google.bigtable.v2.Bigtable' : 'google.bigtable.admin.v2.BigtableTableAdmin';
  return {
    service,
    path: `/${owner}/${name}`,
    encode: (message) => {
      const bytes = request.encode(message).finish();
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    },
    decode: (bytes) => response.decode(bytes),
  };
}

/** Its answers are left as bytes, for `RowMerger`. */
export const readRows: Method<protos.google.bigtable.v2.IReadRowsRequest, Buffer> = {
  ...method('data', 'ReadRows', data.ReadRowsRequest, data.ReadRowsResponse),
  decode: (bytes) => bytes,
};
export const mutateRow = method('data', 'MutateRow', data.MutateRowRequest, data.MutateRowResponse);
export const mutateRows = method('data', 'MutateRows', data.MutateRowsRequest, data.MutateRowsResponse);
export const checkAndMutateRow = method(
  'data',
  'CheckAndMutateRow',
  data.CheckAndMutateRowRequest,
  data.CheckAndMutateRowResponse,
);
export const createTable = method('admin', 'CreateTable', admin.CreateTableRequest, admin.Table);
export const deleteTable = method('admin', 'DeleteTable', admin.DeleteTableRequest, Empty);
export const listTables = method('admin', 'ListTables', admin.ListTablesRequest, admin.ListTablesResponse);
