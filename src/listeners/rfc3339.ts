/** Times as RFC 3339 writes them, https://www.rfc-editor.org/rfc/rfc3339#section-5.6 */

const DATE_TIME = /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/;

/** Epoch milliseconds, what is finer cut off; NaN when it is no date-time. A leap second is the second after it. */
export function parseRfc3339(text: string): number {
  const match = DATE_TIME.exec(text);
  if (match === null) return NaN;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number);
  const [, , , , , , , fraction = '', sign, offsetHour = '0', offsetMinute = '0'] = match;
  if (hour > 23 || minute > 59 || second > 60 || Number(offsetHour) > 23 || Number(offsetMinute) > 59) return NaN;
  const date = new Date(0);
  // `Date.UTC` would take years below 100 for 1900 and later.
  date.setUTCFullYear(year, month - 1, day);
  // The day of a month that is shorter moves on to the next month.
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return NaN;
  date.setUTCHours(hour, minute, second, Number(fraction.padEnd(3, '0').slice(0, 3)));
  const offsetMinutes = (sign === '-' ? -1 : 1) * (Number(offsetHour) * 60 + Number(offsetMinute));
  return date.getTime() - offsetMinutes * 60_000;
}
