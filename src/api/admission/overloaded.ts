/** What a client is told that cannot be served now. */
import { SegueError } from '../../errors.js';

/** Refused clients try again after so long to twice that, so that they do not come back all at once. */
const RETRY_AFTER_MS = 500;

/** @param random from 0 to 1 */
export function overloaded(random: () => number): SegueError {
  const retryAfterMs = Math.ceil(RETRY_AFTER_MS * (1 + random()));
  return new SegueError('SEGUE_OVERLOADED', `overloaded: try again in ${retryAfterMs} ms`, undefined, { retryAfterMs });
}
