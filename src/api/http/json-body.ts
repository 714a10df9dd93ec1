/** Bodies: JSON in UTF-8, nothing else. */
import { isUtf8 } from 'node:buffer';
import { SegueError } from '../../errors.js';

/** Bytes of a request on either transport. */
export const BODY_BYTES_MAX = 512 * 1024;

/** @throws SegueError `SEGUE_MALFORMED` */
export function parseJsonBody(body: Buffer): unknown {
  if (!isUtf8(body)) throw new SegueError('SEGUE_MALFORMED', 'body: not UTF-8; allowed: JSON in UTF-8', 'body');
  try {
    return JSON.parse(body.toString());
  } catch (error) {
    const reason = error instanceof Error ? error.message.slice(0, 120) : 'unreadable';
    throw new SegueError('SEGUE_MALFORMED', `body: not JSON: ${reason}`, 'body', { cause: error });
  }
}
