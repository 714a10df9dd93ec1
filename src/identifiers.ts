/** The one rule for ids of listeners, tracks, requests and the like. */

export const ID_BYTES_MAX = 64;

export const ID_ALLOWED = '1 to 64 bytes of UTF-8 without control characters';

/** Whether a text is an id: 1 to 64 bytes of UTF-8, no control characters (Unicode Cc), no lone surrogates. */
export function isId(text: string): boolean {
  const length = text.length;
  if (length === 0 || length > ID_BYTES_MAX) return false;
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x20 || unit === 0x7f) return false;
    if (unit >= 0x80) return isWideId(text);
  }
  return true;
}

function isWideId(text: string): boolean {
  return !/\p{Cc}/u.test(text) && text.isWellFormed() && Buffer.byteLength(text) <= ID_BYTES_MAX;
}
