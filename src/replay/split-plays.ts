/** Parts of plays: by share of each listener's own, and by time. */
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { inTurn, type Play, type PlaysByListener } from './play.js';

export interface Split {
  readonly first: PlaysByListener;
  readonly last: PlaysByListener;
}

/** The first `share` of each listener's plays, and the rest. */
export function splitEach(plays: PlaysByListener, share: number): Split {
  const cut = (own: readonly Play[]): number => Math.floor(own.length * share);
  return {
    first: mapped(plays, (own) => own.slice(0, cut(own))),
    last: mapped(plays, (own) => own.slice(cut(own))),
  };
}

/** Every `step`-th listener. */
export function someListeners(plays: PlaysByListener, step: number): PlaysByListener {
  return new Map([...plays].filter((_entry, i) => i % step === 0));
}

/**
 * The times through which these shares of all plays were heard, in epoch milliseconds and rising. Each leaves some plays after it:
 * where many share a time, there are fewer times than shares.
 */
export function timesAt(plays: PlaysByListener, shares: readonly number[]): number[] {
  const times = [...plays.values()].flatMap((own) => own.map(({ atMs }) => atMs)).sort((a, b) => a - b);
  const latest = times.at(-1) ?? NaN;
  const cuts = shares.map((share) => times[Math.max(0, Math.floor(share * times.length) - 1)]);
  return [...new Set(cuts)].filter((atMs) => atMs < latest);
}

/** Plays after one time and up to another. */
export function heardBetween(plays: PlaysByListener, afterMs: number, throughMs: number): PlaysByListener {
  return mapped(plays, (own) => own.filter(({ atMs }) => atMs > afterMs && atMs <= throughMs));
}

function mapped(plays: PlaysByListener, part: (own: readonly Play[]) => readonly Play[]): PlaysByListener {
  return new Map([...plays].map(([id, own]) => [id, part(own)] as const).filter(([, own]) => own.length > 0));
}

const HEADER = 'listener_id,seq,played_at,track_id,market,context_id,played_ms,outcome,saved\n';

/** Writes plays as CSV that keeps their order; `seq` is the place among the listener's plays of this file. */
export async function writePlays(file: string, plays: PlaysByListener): Promise<void> {
  await pipeline(Readable.from(linesOf(plays)), createWriteStream(file));
}

function* linesOf(plays: PlaysByListener): Generator<string> {
  yield HEADER;
  for (const { play, index } of inTurn(plays)) {
    const { listenerId, atMs, trackId, market, contextId, playedMs, outcome, saved } = play;
    const fields = [
      listenerId,
      `${index}`,
      new Date(atMs).toISOString(),
      trackId,
      market,
      contextId,
      Number.isNaN(playedMs) ? '' : `${playedMs}`,
      outcome,
      saved === undefined ? '' : `${Number(saved)}`,
    ];
    yield `${fields.map(quoted).join(',')}\n`;
  }
}

function quoted(field: string): string {
  return /[",\n\r]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}
