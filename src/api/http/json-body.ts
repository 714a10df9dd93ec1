/** Bodies: JSON in UTF-8, nothing else. */
import { isUtf8 } from 'node:buffer';
import { SegueError } from '../../errors.js';

/** Bytes of a request on either transport. */
export const BODY_BYTES_MAX = 512 * 1024;
/** Larger ones are parsed when it is their client's turn. */
export const SMALL_BODY_BYTES = 8 * 1024;

/** Values in a request on either transport: about twice what the largest that is allowed has. */
export const BODY_VALUES_MAX = 10_000;
/** No value takes less, with what parts it from the next. */
const VALUE_BYTES_MIN = 2;

const COMMA = 0x2c;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LIST = 0x5b;
const OBJECT = 0x7b;

/** Many small values take a hundred times as long to parse as one long text: bytes alone do not bound the time. */
function hasTooManyValues(body: Buffer): boolean {
  if (body.length <= BODY_VALUES_MAX * VALUE_BYTES_MIN) return false;
  let values = 0;
  let inText = false;
  for (let i = 0; i < body.length; i++) {
    const byte = body[i];
    if (byte === QUOTE) inText = !inText;
    else if (inText) {
      if (byte === BACKSLASH) i++;
    } else if ((byte === COMMA || byte === LIST || byte === OBJECT) && ++values > BODY_VALUES_MAX) return true;
  }
  return false;
}

/** @throws SegueError `SEGUE_MALFORMED` */
export function parseJsonBody(body: Buffer): unknown {
  if (hasTooManyValues(body)) {
    const message = `body: given more than ${BODY_VALUES_MAX} values; allowed: ${BODY_VALUES_MAX}`;
    throw new SegueError('SEGUE_MALFORMED', message, 'body');
  }
  if (!isUtf8(body)) throw new SegueError('SEGUE_MALFORMED', 'body: not UTF-8; allowed: JSON in UTF-8', 'body');
  try {
    return JSON.parse(body.toString());
  } catch (error) {
    const reason = error instanceof Error ? error.message.slice(0, 120) : 'unreadable';
    throw new SegueError('SEGUE_MALFORMED', `body: not JSON: ${reason}`, 'body', { cause: error });
  }
}
