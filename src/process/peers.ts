/** What a serving process and the others of its cluster tell each other, through the primary. */
import type { Quarantined } from '../ranking/quarantine.js';
import { isToProcess } from './messages.js';
import type { Channel } from './scrape.js';

export interface Peers {
  /** Settles once a process that is ready may listen beside the others: those who ask the shared port then meet none that is not. */
  readonly mayListen: Promise<void>;
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
  mayListen: Promise.resolve(),
  quarantined: [],
  onQuarantined: () => undefined,
  quarantine: () => undefined,
  askReplacement: () => false,
};

/** Listens from now on: what the primary says before the rankers are opened is kept for them. */
export function peersThrough(channel: Channel): Peers {
  let known: readonly Quarantined[] = [];
  const listeners: ((models: readonly Quarantined[]) => void)[] = [];
  const mayListen = Promise.withResolvers<undefined>();
  channel.listen((message) => {
    if (!isToProcess(message)) return;
    if (message.segue === 'listen') mayListen.resolve(undefined);
    if (message.segue !== 'quarantined') return;
    known = message.models;
    for (const listener of listeners) listener(known);
  });
  return {
    mayListen: mayListen.promise,
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
