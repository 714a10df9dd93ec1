/** Sends a request when the one before was answered, each target in turn over a connection of its own. */
import { answerParent } from '../program.js';
import { readAnswer } from './answer-text.js';
import { HttpConnection } from './http-connection.js';
import { requestBytes } from './request-bytes.js';
import type { SinglesOptions, SinglesReport, SinglesTarget } from './singles.js';

class Target {
  readonly times: number[] = [];
  readonly levels: Record<string, number> = {};
  private readonly sent: readonly Buffer[];
  private readonly connection: HttpConnection;
  private waiting = Promise.withResolvers<number>();
  private sentMs = 0;
  private level = '';

  constructor({ port, bodies }: SinglesTarget) {
    this.sent = bodies.map((body) => requestBytes('/v1/recommend', body));
    this.connection = new HttpConnection(port, {
      idle: () => {
        this.waiting.resolve(performance.now() - this.sentMs);
      },
      answered: (_connection, status, bytes, start, end) => {
        if (status !== 200) {
          this.waiting.reject(new Error(`answered ${status}: ${bytes.toString('utf8', start, end)}`));
        }
        this.level = readAnswer(bytes, start, end).level;
      },
      closed: () => {
        this.waiting.reject(new Error('the connection closed'));
      },
    });
  }

  async connected(): Promise<void> {
    await this.waiting.promise;
  }

  async ask(request: number, isCounted: boolean): Promise<void> {
    this.waiting = Promise.withResolvers();
    this.sentMs = performance.now();
    this.connection.send(request, this.sent[request % this.sent.length]);
    const ms = await this.waiting.promise;
    if (!isCounted) return;
    this.times.push(ms);
    this.levels[this.level] = (this.levels[this.level] ?? 0) + 1;
  }
}

async function run({ targets, requests, warmUp }: SinglesOptions): Promise<SinglesReport[]> {
  const asked = targets.map((target) => new Target(target));
  for (const target of asked) await target.connected();
  for (let request = 0; request < warmUp + requests; request++) {
    for (const target of asked) await target.ask(request, request >= warmUp);
  }
  return asked.map(({ times, levels }) => ({ times, levels }));
}

answerParent(run);
