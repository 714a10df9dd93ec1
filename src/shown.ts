/** How messages to clients show what was given. */

const SHOWN_CHARACTERS_MAX = 60;

/** A value as a message shows it, cut short. */
export function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  // JSON reads 1e999 as Infinity, and writes that as null.
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  const text = JSON.stringify(typeof value === 'string' ? value.slice(0, SHOWN_CHARACTERS_MAX + 1) : value);
  return text.length > SHOWN_CHARACTERS_MAX ? `${text.slice(0, SHOWN_CHARACTERS_MAX)}…` : text;
}
