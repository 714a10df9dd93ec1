/** What the primary and the serving processes say to each other. */
import type { Quarantined } from '../ranking/quarantine.js';
import type { Snapshot } from '../telemetry/snapshot.js';
import type { Load } from './balance.js';

/** The process that listens before it is ready, unless it takes the place of another. */
export const EARLY_SLOT = 0;

export type ToPrimary =
  | { readonly segue: 'scrape'; readonly id: number }
  | { readonly segue: 'collected'; readonly id: number; readonly snapshot: Snapshot }
  | { readonly segue: 'ready'; readonly httpPort: number; readonly grpcPort: number }
  | { readonly segue: 'quarantine'; readonly model: Quarantined }
  /** Again and again while it is ready. */
  | { readonly segue: 'load'; readonly load: Load }
  /** The process has threads that only its end gets rid of. */
  | { readonly segue: 'replace'; readonly reason: string };

export type ToProcess =
  | { readonly segue: 'collect'; readonly id: number }
  | { readonly segue: 'scraped'; readonly id: number; readonly text: string }
  /** No process that is not ready listens any more: to a process when it starts, or to all when it comes true. */
  | { readonly segue: 'listen' }
  /** Tells clients of so many connections to make others, which another process takes. */
  | { readonly segue: 'let-go'; readonly connections: number }
  /** All models that are in quarantine: to a process when it starts, and to all when there is another. */
  | { readonly segue: 'quarantined'; readonly models: readonly Quarantined[] };

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
  return hasTag(message, ['scrape', 'collected', 'ready', 'load', 'quarantine', 'replace']);
}

export function isToProcess(message: unknown): message is ToProcess {
  return hasTag(message, ['collect', 'scraped', 'listen', 'let-go', 'quarantined']);
}
