/** What a serving process and the others of its cluster tell each other, through the primary. */
import type { Quarantined } from '../ranking/quarantine.js';
import { isToProcess } from './messages.js';
import type { Channel } from './scrape.js';

export interface Peers {
  /** Models that are in quarantine, whichever process put them there. */
  readonly quarantined: readonly Quarantined[];
  /** Calls back with them now, and when there are more. */
  onQuarantined(listener: (models: readonly Quarantined[]) => void): void;
  /** No other process should open the model either. */
  quarantine(model: Quarantined): void;
  /** Asks that another process takes the place of this one; false where there is nobody to start it. */
  askReplacement(reason: string): boolean;
}

/** Of a process on its own. */
export const NO_PEERS: Peers = {
  quarantined: [],
  onQuarantined: () => undefined,
  quarantine: () => undefined,
  askReplacement: () => false,
};

/** Listens from now on: what the primary says before the rankers are opened is kept for them. */
export function peersThrough(channel: Channel): Peers {
  let known: readonly Quarantined[] = [];
  const listeners: ((models: readonly Quarantined[]) => void)[] = [];
  channel.listen((message) => {
    if (!isToProcess(message) || message.segue !== 'quarantined') return;
    known = message.models;
    for (const listener of listeners) listener(known);
  });
  return {
    get quarantined() {
      return known;
    },
    onQuarantined: (listener) => {
      listeners.push(listener);
      listener(known);
    },
    quarantine: (model) => {
      channel.send({ segue: 'quarantine', model });
    },
    askReplacement: (reason) => {
      channel.send({ segue: 'replace', reason });
      return true;
    },
  };
}
