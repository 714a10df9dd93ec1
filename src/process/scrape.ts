/** A serving process's side of `/metrics`. */
import { expositionOf } from '../telemetry/exposition.js';
import { labelled } from '../telemetry/merge.js';
import type { Snapshot } from '../telemetry/snapshot.js';
import { isToProcess, type ToPrimary } from './messages.js';
import { SegueError } from '../errors.js';

/** Longer than the primary waits for its processes. */
const ANSWER_TIMEOUT_MS = 3000;

/** So long, a text is given to others who ask. */
export const SCRAPE_KEPT_MS = 100;

/** Scrapes at the same time, or shortly after one another, share one text: however often it is asked for, it is made seldom. */
export function sharedScrape(scrape: () => Promise<string>, nowMs: () => number): () => Promise<string> {
  let running: Promise<string> | undefined;
  let made = { text: '', atMs: -Infinity };
  const makeText = async (): Promise<string> => {
    try {
      made = { text: await scrape(), atMs: nowMs() };
      return made.text;
    } finally {
      running = undefined;
    }
  };
  return () => {
    if (nowMs() - made.atMs < SCRAPE_KEPT_MS) return Promise.resolve(made.text);
    running ??= makeText();
    return running;
  };
}

/** Channel to the primary. */
export interface Channel {
  readonly send: (message: ToPrimary) => void;
  readonly listen: (listener: (message: unknown) => void) => void;
}

/** Metrics of this process alone. */
export async function scrapeAlone(snapshot: () => Promise<Snapshot>, slot: number): Promise<string> {
  return expositionOf(labelled(await snapshot(), String(slot)));
}

/** Answers the primary's questions, and asks it on behalf of a scrape that arrived here. */
export function scrapeThrough(channel: Channel, snapshot: () => Promise<Snapshot>): () => Promise<string> {
  const waiting = new Map<number, (text: string) => void>();
  let ids = 0;
  channel.listen((message) => {
    if (!isToProcess(message)) return;
    if (message.segue === 'scraped') waiting.get(message.id)?.(message.text);
    if (message.segue !== 'collect') return;
    void snapshot().then((collected) => {
      channel.send({ segue: 'collected', id: message.id, snapshot: collected });
    });
  });
  return () =>
    new Promise((resolve, reject) => {
      const id = ++ids;
      const timer = setTimeout(() => {
        waiting.delete(id);
        reject(new SegueError('SEGUE_UNAVAILABLE', 'the metrics of the other processes did not arrive in time'));
      }, ANSWER_TIMEOUT_MS);
      waiting.set(id, (text) => {
        clearTimeout(timer);
        waiting.delete(id);
        resolve(text);
      });
      channel.send({ segue: 'scrape', id });
    });
}
