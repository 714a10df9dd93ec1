/** Clients that send events, and send them again until they are acknowledged. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { RecordingProcess } from './recording-process.js';
import { NotRecorded } from './recording-process.js';
import type { ClientEvent } from './service.js';

const CLIENTS = 8;
const TYPES = ['play-started', 'play-completed', 'skip', 'save', 'hide'];

export class EventLoad {
  /** Answers that called an event a duplicate which no earlier answer had acknowledged. */
  repeatedAnswers = 0;
  private readonly events: ClientEvent[] = [];
  private readonly acknowledged = new Set<ClientEvent>();
  private unacknowledged: ClientEvent[] = [];
  private batches = 0;

  get size(): number {
    return this.events.length;
  }

  get acknowledgedEvents(): number {
    return this.acknowledged.size;
  }

  ids(): string[] {
    return this.events.map(({ listenerId, eventId }) => `${listenerId} ${eventId}`);
  }

  byListener(): Map<string, ClientEvent[]> {
    return Map.groupBy(this.events, ({ listenerId }) => listenerId);
  }

  /** Sends until the returned function is called, or the first process is gone. */
  run(services: readonly RecordingProcess[]): () => Promise<void> {
    let stopped = false;
    const clients = Array.from({ length: CLIENTS }, async (_, client) => {
      for (let turn = client; !stopped; turn++) {
        const service = services.at(turn % services.length);
        if (service === undefined || !(await this.send(service, this.nextBatch()))) return;
      }
    });
    return async () => {
      stopped = true;
      await Promise.all(clients);
    };
  }

  /** Resolves when so many more events are acknowledged. */
  async forAcknowledged(count: number): Promise<void> {
    const until = this.acknowledged.size + count;
    while (this.acknowledged.size < until) await sleep(1);
  }

  /** Sends what was not acknowledged until it is. */
  async settle(services: readonly RecordingProcess[]): Promise<void> {
    for (let turn = 0; this.unacknowledged.length > 0; turn++) {
      const service = services.at(turn % services.length);
      if (service === undefined || turn > 1_000)
        throw new Error(`${this.unacknowledged.length} were never acknowledged`);
      await this.send(service, this.unacknowledged.splice(0, 100));
      await sleep(1);
    }
  }

  /** Sends everything once more. */
  async resend(service: RecordingProcess): Promise<{ accepted: number; duplicates: number }> {
    const total = { accepted: 0, duplicates: 0 };
    for (let i = 0; i < this.events.length; i += 500) {
      const { accepted, duplicates } = await service.record(this.events.slice(i, i + 500));
      total.accepted += accepted;
      total.duplicates += duplicates;
    }
    return total;
  }

  /** New events, those that were not acknowledged, and now and then one that was. */
  private nextBatch(): ClientEvent[] {
    const batch = this.unacknowledged.splice(0, 5);
    const number = this.batches++;
    for (let i = 0; i <= number % 4; i++) batch.push(this.newEvent(number));
    const old = this.events.at((number * 7_919) % this.events.length);
    if (number % 3 === 0 && old !== undefined && !batch.includes(old) && this.acknowledged.has(old)) batch.push(old);
    return batch;
  }

  /** One listener starts more tracks than a session holds, others do everything. */
  private newEvent(batch: number): ClientEvent {
    const index = this.events.length;
    const heavy = batch % 2 === 0;
    const event = {
      eventId: `e${index}`,
      type: heavy ? 'play-started' : (TYPES[index % TYPES.length] ?? ''),
      listenerId: heavy ? 'heavy' : `listener-${index % 97}`,
      trackId: `t${index % 300}`,
      occurredAt: new Date().toISOString(),
    };
    this.events.push(event);
    return event;
  }

  /** False when the process is gone. */
  private async send(service: RecordingProcess, batch: readonly ClientEvent[]): Promise<boolean> {
    try {
      const { duplicates, rejected } = await service.record(batch);
      const refused = new Set(rejected.map(({ index }) => index));
      const known = batch.filter((event) => this.acknowledged.has(event)).length;
      this.repeatedAnswers += Math.max(0, duplicates - known);
      for (const [index, event] of batch.entries()) {
        if (refused.has(index)) this.unacknowledged.push(event);
        else this.acknowledged.add(event);
      }
      return true;
    } catch (error) {
      if (!(error instanceof NotRecorded)) throw error;
      this.unacknowledged.push(...batch.filter((event) => !this.acknowledged.has(event)));
      await sleep(1);
      return error.message !== 'killed';
    }
  }
}
