/** A coded error as a status with trailers. */
import { Metadata, status, type StatusObject } from '@grpc/grpc-js';
import { STATUS_OF, type SegueError } from '../../errors.js';
import { addRetryHint } from './retry-hint.js';

/** Trailers of an error. */
export const CODE_TRAILER = 'segue-code';
export const FIELD_TRAILER = 'segue-field';

const STATUS_BY_NUMBER = new Map<number, status>(
  Object.values(status).flatMap((value) => (typeof value === 'number' ? [[value, value] as const] : [])),
);

export function codedStatus({ code, message, field, retryAfterMs }: SegueError): StatusObject {
  const metadata = new Metadata();
  metadata.set(CODE_TRAILER, code);
  if (field !== undefined) metadata.set(FIELD_TRAILER, field);
  const number = STATUS_OF[code].grpc;
  if (retryAfterMs !== undefined) addRetryHint(metadata, number, message, retryAfterMs);
  return { code: STATUS_BY_NUMBER.get(number) ?? status.UNKNOWN, details: message, metadata };
}
