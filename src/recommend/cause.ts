/** The cause that a failed call is named by. */
import { RankerError } from '../ranking/ranker.js';
import { StoreError } from '../store/row-store.js';
import type { Cause } from './types.js';

export function causeOf(error: unknown): Cause {
  if (error instanceof StoreError) {
    if (error.reason === 'timeout' || error.reason === 'aborted') return 'timeout';
    if (error.reason === 'overload') return 'overload';
    return error.reason === 'unavailable' || error.reason === 'no-table' ? 'unavailable' : 'error';
  }
  return error instanceof RankerError ? error.reason : 'error';
}
