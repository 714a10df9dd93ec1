/** gRPC statuses as StoreErrors. */
import { status } from '@grpc/grpc-js';
import type { ServiceError } from '@grpc/grpc-js';
import type { StoreErrorCause } from '../row-store.js';
import { StoreError } from '../row-store.js';

const REASON_OF: Readonly<Partial<Record<number, StoreErrorCause>>> = {
  [status.CANCELLED]: 'aborted',
  [status.DEADLINE_EXCEEDED]: 'timeout',
  [status.NOT_FOUND]: 'no-table',
  [status.UNAVAILABLE]: 'unavailable',
  [status.RESOURCE_EXHAUSTED]: 'unavailable',
  [status.ABORTED]: 'unavailable',
  // What gRPC makes of a connection that broke, or carried garbage, in the middle of an answer.
  [status.INTERNAL]: 'unavailable',
  [status.UNKNOWN]: 'unavailable',
};

/** Of a call, or of one entry of a batch. */
export function reasonOf(code: number | null | undefined): StoreErrorCause {
  return REASON_OF[code ?? status.UNKNOWN] ?? 'error';
}

export function storeError(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  if (isServiceError(error)) {
    return new StoreError(reasonOf(error.code), `Bigtable: ${error.message}`, { cause: error });
  }
  return new StoreError('error', `Bigtable: ${error instanceof Error ? error.message : String(error)}`, {
    cause: error,
  });
}

export function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && 'code' in error && typeof error.code === 'number';
}
