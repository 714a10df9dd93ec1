/** Records of a CSV file (RFC 4180) with the line each starts at; a record that is none does not take others with it. */
import type { PhysicalLine, UnreadableLine } from './physical-lines.js';

/** A quoted field may run over lines; longer than this, its quote was never meant to be open. */
const RECORD_LINES_MAX = 100;
/** In UTF-8 and with all quotes doubled this stays below the 2 MB that the engine reads as a line. */
const RECORD_LENGTH_MAX = 1 << 18;

export type CsvRecord =
  { readonly line: number; readonly fields: string[] } | { readonly line: number; readonly unreadable: UnreadableLine };

interface Parsed {
  readonly fields: string[];
  /** A quote is still open at the end of the text. */
  readonly open: boolean;
  readonly malformed?: string;
}

/** Puts lines together to records. Feed every line with `push`, then call `end`. Empty lines are no records. */
export class CsvRecords {
  #line = 0;
  #open: string[] = [];
  #openLength = 0;

  constructor(private readonly emit: (record: CsvRecord) => void) {}

  push(line: PhysicalLine): void {
    if (typeof line !== 'string') {
      this.end();
      this.#line += 1;
      this.emit({ line: this.#line, unreadable: line });
      return;
    }
    this.#line += 1;
    if (this.#open.length === 0 && !line.includes('"')) {
      const text = withoutReturn(line);
      if (text !== '') this.emit({ line: this.#line, fields: text.split(',') });
      return;
    }
    this.#open.push(line);
    this.#openLength = (this.#open.length === 1 ? 0 : this.#openLength) + line.length;
    // Without a quote in it a further line changes nothing: the record stays open.
    if (line.includes('"')) this.#close();
    if (this.#open.length >= RECORD_LINES_MAX || (this.#open.length > 1 && this.#openLength > RECORD_LENGTH_MAX))
      this.#giveUp();
  }

  /** Nothing follows the lines so far. */
  end(): void {
    while (this.#open.length > 0) this.#giveUp();
  }

  /** Emits the open record if its quotes are closed by now. */
  #close(): void {
    const parsed = parse(withoutReturn(this.#open.join('\n')));
    if (parsed.open) return;
    if (parsed.malformed !== undefined) {
      this.#resume(parsed.malformed);
      return;
    }
    const line = this.#line - this.#open.length + 1;
    this.#open = [];
    this.emit({ line, fields: parsed.fields });
  }

  #giveUp(): void {
    this.#resume('a quoted field is never closed');
  }

  /** A bad quote spoils its own line only: the lines after it are read again, each for itself. */
  #resume(problem: string): void {
    const lines = this.#open;
    this.#open = [];
    this.#line -= lines.length - 1;
    this.emit({ line: this.#line, unreadable: { reason: 'malformed-line', text: problem } });
    for (const again of lines.slice(1)) this.push(again);
  }
}

function withoutReturn(text: string): string {
  return text.endsWith('\r') ? text.slice(0, -1) : text;
}

function parse(text: string): Parsed {
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    if (text[at] === '"') {
      let value = '';
      for (;;) {
        const quote = text.indexOf('"', at + 1);
        if (quote < 0) return { fields, open: true };
        value += text.slice(at + 1, quote);
        at = quote + 1;
        if (text[at] !== '"') break;
        value += '"';
      }
      fields.push(value);
      if (at < text.length && text[at] !== ',') return { fields, open: false, malformed: 'text after a closing quote' };
    } else {
      const comma = text.indexOf(',', at);
      const value = text.slice(at, comma < 0 ? text.length : comma);
      if (value.includes('"')) return { fields, open: false, malformed: 'a quote inside an unquoted field' };
      fields.push(value);
      at += value.length;
    }
    if (at >= text.length) return { fields, open: false };
    at += 1;
  }
}
