/** Reads from the bytes of an answer what a load needs to know, without parsing it. */

const LEVEL = Buffer.from('"level":"');
const NO_ITEMS = Buffer.from('"items":[]');
const CAUSE = Buffer.from('"cause":"');
const STAGE = Buffer.from('"stage":"');
const QUOTE = 0x22;
const LEVELS = ['full', 'reduced', 'light', 'cached', 'popular'] as const;

export interface AnswerText {
  readonly level: string;
  readonly isEmpty: boolean;
  /** `stage: cause` each; of answers below `full`. */
  readonly reasons: readonly string[];
}

const NO_REASONS: readonly string[] = [];
const FULL: AnswerText = { level: 'full', isEmpty: false, reasons: NO_REASONS };

/** @param bytes of a JSON answer of Segue, from `start` to `end` */
export function readAnswer(bytes: Buffer, start: number, end: number): AnswerText {
  const at = bytes.indexOf(LEVEL, start);
  if (at < 0 || at >= end) return { level: 'none', isEmpty: isEmpty(bytes, start, end), reasons: NO_REASONS };
  const from = at + LEVEL.length;
  const level = LEVELS.find((name) => bytes[from] === name.charCodeAt(0) && bytes[from + name.length] === QUOTE);
  if (level === 'full' && !isEmpty(bytes, start, at)) return FULL;
  return { level: level ?? 'unknown', isEmpty: isEmpty(bytes, start, at), reasons: reasonsFrom(bytes, from, end) };
}

function isEmpty(bytes: Buffer, start: number, end: number): boolean {
  const at = bytes.indexOf(NO_ITEMS, start);
  return at >= 0 && at < end;
}

function reasonsFrom(bytes: Buffer, from: number, end: number): string[] {
  const reasons: string[] = [];
  for (let at = bytes.indexOf(CAUSE, from); at >= 0 && at < end; at = bytes.indexOf(CAUSE, at + 1)) {
    const stage = bytes.lastIndexOf(STAGE, at);
    reasons.push(`${quoted(bytes, stage + STAGE.length)}: ${quoted(bytes, at + CAUSE.length)}`);
  }
  return reasons;
}

function quoted(bytes: Buffer, start: number): string {
  return bytes.toString('latin1', start, bytes.indexOf(QUOTE, start));
}
