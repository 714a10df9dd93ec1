/** Parts of the bench that need a process of their own, so that nothing else is on their thread: forked, asked, and gone. */
import { fork } from 'node:child_process';
import { once } from 'node:events';

type ToParent<R> =
  | { readonly kind: 'progress'; readonly text: string }
  | { readonly kind: 'report'; readonly report: R }
  | { readonly kind: 'failed'; readonly message: string };

export interface RunOptions {
  /** Told whatever the program tells before its report. */
  readonly onProgress?: (text: string) => void;
  /** Further flags of Node. */
  readonly flags?: readonly string[];
}

/**
 * Runs a compiled program of the bench.
 *
 * @param entry of a module that calls `answerParent`
 * @param options of that program's own type
 * @throws Error with the program's own message
 */
export async function runProgram<R>(
  entry: URL,
  options: object,
  { onProgress, flags = [] }: RunOptions = {},
): Promise<R> {
  const child = fork(entry, {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    execArgv: ['--enable-source-maps', ...flags],
    serialization: 'advanced',
  });
  const killed = (): void => {
    child.kill('SIGKILL');
  };
  process.once('exit', killed);
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-4000);
  });
  let report: { readonly value: R } | undefined;
  child.on('message', (message: ToParent<R>) => {
    if (message.kind === 'progress') onProgress?.(message.text);
    else if (message.kind === 'report') report = { value: message.report };
    else said = message.message;
  });
  child.send(options);
  await once(child, 'close');
  process.off('exit', killed);
  if (report !== undefined) return report.value;
  throw new Error(`${entry.pathname.split('/').at(-1) ?? ''}: ${said.trim() || 'ended without a report'}`);
}

/** Called once by a program: takes the parent's options, sends the report, and ends the process. */
export function answerParent<R>(run: (options: never, tell: (text: string) => void) => Promise<R>): void {
  const send = (message: ToParent<R>, then?: () => void): void => {
    process.send?.(message, undefined, undefined, then);
  };
  process.once('disconnect', () => process.exit(1));
  process.once('message', (options) => {
    const end = (code: number) => (): void => {
      process.exit(code);
    };
    run(options as never, (text) => {
      send({ kind: 'progress', text });
    }).then(
      (report) => {
        send({ kind: 'report', report }, end(0));
      },
      (error: unknown) => {
        const message = error instanceof Error ? error.message : String(error);
        send({ kind: 'failed', message }, end(1));
      },
    );
  });
}
