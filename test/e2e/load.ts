/** A bounded closed-loop load of recommend requests that keeps what was answered. */
import type { Service } from '../service.js';
import { post, type Slate } from './clients.js';

export interface Answered {
  /** Milliseconds since the load began, when the request left. */
  readonly atMs: number;
  readonly ms: number;
  readonly status: number;
  readonly slate: Slate;
}

export class Load {
  readonly answers: Answered[] = [];
  /** Requests that got no answer at all. */
  readonly errors: string[] = [];
  private running = true;
  private isOver = false;
  private readonly done: Promise<unknown>;
  private readonly startMs = performance.now();

  /** @param requestOf the n-th request */
  constructor(
    private readonly service: Pick<Service, 'url'>,
    private readonly requestOf: (n: number) => object,
    clients: number,
    private readonly requestsMax: number,
  ) {
    let next = 0;
    const client = async (): Promise<void> => {
      while (this.running && next < this.requestsMax) await this.ask(next++);
    };
    this.done = Promise.all(Array.from({ length: clients }, client)).then(() => (this.isOver = true));
  }

  /** Milliseconds since the load began. */
  get nowMs(): number {
    return performance.now() - this.startMs;
  }

  /** Answers to requests that left after this moment. */
  since(atMs: number): Answered[] {
    return this.answers.filter((answer) => answer.atMs >= atMs);
  }

  /** Waits until so many more requests were answered. */
  async forAnswers(count: number): Promise<void> {
    const until = this.answers.length + this.errors.length + count;
    while (this.answers.length + this.errors.length < until) {
      if (this.isOver) throw new Error(`the load ended after ${this.answers.length} answers`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  async end(): Promise<void> {
    this.running = false;
    await this.done;
  }

  private async ask(n: number): Promise<void> {
    const atMs = this.nowMs;
    try {
      const { status, body } = await post<Slate>(this.service, '/v1/recommend', this.requestOf(n));
      this.answers.push({ atMs, ms: this.nowMs - atMs, status, slate: body });
    } catch (error) {
      this.errors.push(String(error));
    }
  }
}

/** How many answers had each level. */
export function levelsOf(answers: readonly Answered[]): Record<string, number> {
  const levels: Record<string, number> = {};
  for (const { slate } of answers) {
    const { level } = slate.serving.degradation;
    levels[level] = (levels[level] ?? 0) + 1;
  }
  return levels;
}
