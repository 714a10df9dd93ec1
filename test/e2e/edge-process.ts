/** Starts `edge-entry.mjs` and reads what it says. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';

export interface EdgeProcess {
  readonly child: ChildProcess;
  /** Resolves with the first line, said already or yet to come, that has these values. */
  readonly said: (values: Readonly<Record<string, unknown>>) => Promise<Record<string, unknown>>;
  readonly stderr: () => string;
  /** Resolves with the exit code when it has ended. */
  readonly ended: Promise<number | null>;
}

function lineOf(text: string): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : undefined;
  } catch {
    return undefined;
  }
}

export function startEdgeProcess(compiled: string, env: Readonly<Record<string, string>>): EdgeProcess {
  const child = spawn(process.execPath, [`${import.meta.dirname}/edge-entry.mjs`, compiled], {
    env: { PATH: process.env.PATH, SEGUE_HTTP_PORT: '0', SEGUE_GRPC_PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: Record<string, unknown>[] = [];
  const wakes = new Set<() => void>();
  let stderr = '';
  createInterface(child.stdout).on('line', (text) => {
    const line = lineOf(text);
    if (line !== undefined) lines.push(line);
    for (const wake of wakes) wake();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = once(child, 'close').then(() => {
    for (const wake of wakes) wake();
    return child.exitCode;
  });
  return {
    child,
    ended,
    stderr: () => stderr,
    said: async (values) => {
      for (;;) {
        const found = lines.find((line) => Object.entries(values).every(([name, value]) => line[name] === value));
        if (found !== undefined) return found;
        if (child.exitCode !== null)
          throw new Error(`ended with ${child.exitCode} and never said ${JSON.stringify(values)}: ${stderr}`);
        await new Promise<void>((resolve) => {
          const wake = (): void => {
            wakes.delete(wake);
            resolve();
          };
          wakes.add(wake);
        });
      }
    },
  };
}

/** Asks again and again until it holds; the test's own timeout is the limit. */
export async function until<T>(ask: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await ask();
    if (found !== undefined) return found;
    await pause(20);
  }
}
