/** A process that records batches, see record-batches.mjs. */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { RecordResponse } from '../../src/listeners/record-events.js';
import type { ReplayReport } from '../../src/listeners/replay.js';

interface Message {
  readonly id?: number;
  readonly answer?: RecordResponse;
  readonly code?: string;
  readonly ready?: ReplayReport;
}

/** The batch was not answered, or refused as a whole. */
export class NotRecorded extends Error {}

export class RecordingProcess {
  private readonly waiting = new Map<
    number,
    { resolve: (answer: RecordResponse) => void; reject: (error: Error) => void }
  >();
  private lastId = 0;
  private ended = false;

  private constructor(
    private readonly child: ChildProcess,
    /** What the start found in the log. */
    readonly replayed: ReplayReport,
  ) {
    child.on('message', (message: Message) => {
      const { id = 0, answer, code } = message;
      const entry = this.waiting.get(id);
      this.waiting.delete(id);
      if (answer === undefined) entry?.reject(new NotRecorded(code));
      else entry?.resolve(answer);
    });
    child.once('exit', () => {
      this.ended = true;
      for (const { reject } of this.waiting.values()) reject(new NotRecorded('killed'));
      this.waiting.clear();
    });
  }

  static async start(compiled: string, directory: string, slot: number): Promise<RecordingProcess> {
    const script = join(import.meta.dirname, 'record-batches.mjs');
    const child = spawn(process.execPath, [script, compiled, directory, String(slot)], {
      env: { ...process.env, NODE_OPTIONS: '' },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    let errors = '';
    child.stderr?.on('data', (data: Buffer) => (errors += data.toString()));
    const first = await Promise.race([
      once(child, 'message').then(([message]: unknown[]) => message as Message),
      once(child, 'exit').then(() => undefined),
    ]);
    if (first?.ready === undefined) throw new Error(`the process ended: ${errors}`);
    return new RecordingProcess(child, first.ready);
  }

  /** Rejects with NotRecorded when the process ends before it answers. */
  record(events: readonly object[]): Promise<RecordResponse> {
    if (this.ended) return Promise.reject(new NotRecorded('killed'));
    const id = ++this.lastId;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      // The process may be gone already; its exit answers.
      this.child.send({ id, events }, () => undefined);
    });
  }

  /** The next syncs of event segments fail. */
  failSyncs(count: number): void {
    this.child.send({ failSyncs: count }, () => undefined);
  }

  async kill(): Promise<void> {
    if (this.ended) return;
    const exit = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await exit;
  }
}
