/** What the primary and the serving processes say to each other. */
import type { Snapshot } from '../telemetry/snapshot.js';

export type ToPrimary =
  | { readonly segue: 'scrape'; readonly id: number }
  | { readonly segue: 'collected'; readonly id: number; readonly snapshot: Snapshot }
  | { readonly segue: 'ready'; readonly httpPort: number; readonly grpcPort: number };

export type ToProcess =
  | { readonly segue: 'collect'; readonly id: number }
  | { readonly segue: 'scraped'; readonly id: number; readonly text: string };

function hasTag(message: unknown, tags: readonly string[]): boolean {
  return (
    typeof message === 'object' &&
    message !== null &&
    'segue' in message &&
    typeof message.segue === 'string' &&
    tags.includes(message.segue)
  );
}

/** Both ends are this version of this program; the tag alone tells ours from other messages. */
export function isToPrimary(message: unknown): message is ToPrimary {
  return hasTag(message, ['scrape', 'collected', 'ready']);
}

export function isToProcess(message: unknown): message is ToProcess {
  return hasTag(message, ['collect', 'scraped']);
}
