/** Checks bundles in a child process with limits on time and memory, because a model can kill the process that opens it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { Admitted } from './admission-checks.js';
import { residentBytes } from './resident-memory.js';

export interface Rejected {
  readonly admitted: false;
  readonly reason: string;
}
export type Admission = Admitted | Rejected;

export interface AdmissionLimits {
  /** From the child's start to its answer. */
  readonly timeMs: number;
  /** Resident memory of the child. */
  readonly memoryBytes: number;
}

export const ADMISSION_LIMITS: AdmissionLimits = { timeMs: 60_000, memoryBytes: 3 * 1024 ** 3 };

/** What Node itself may map writable before it holds anything, seen as 580 MB with Node 24. */
const RUNTIME_BYTES = 1024 ** 3;
const WATCH_MS = 20;
const STDERR_CHARS_MAX = 2000;

const messageSchema = z.union([
  z.object({ step: z.string() }),
  z.object({
    result: z.union([
      z.object({
        admitted: z.literal(true),
        p99Ms: z.number(),
        modelBytes: z.number(),
        operators: z.object({ counts: z.record(z.string(), z.number()), bounded: z.boolean() }),
      }),
      z.object({ admitted: z.literal(false), reason: z.string() }),
    ]),
  }),
]);

/** Where the compiled entry of the child is. */
export const ADMISSION_CHILD = new URL('./admission-child.js', import.meta.url);

/**
 * Whether the bundle in `dir` may serve. Never rejects: whatever the child dies of is the reason.
 *
 * @param width rows of the largest request
 */
export async function admit(
  dir: string,
  width: number,
  limits: AdmissionLimits = ADMISSION_LIMITS,
  childEntry: URL = ADMISSION_CHILD,
): Promise<Admission> {
  const child = startChild([fileURLToPath(childEntry), dir, String(width)], limits);
  return new Promise((resolve) => {
    let answer: Admission | undefined;
    let killedFor: string | undefined;
    let step = 'starting';
    let stderr = '';
    const kill = (reason: string): void => {
      killedFor ??= reason;
      child.kill('SIGKILL');
    };
    const timer = setTimeout(() => {
      kill(`took longer than ${limits.timeMs} ms`);
    }, limits.timeMs);
    const watch = setInterval(() => {
      void residentBytes(child.pid).then((bytes) => {
        if (bytes > limits.memoryBytes) kill(`took more than ${limits.memoryBytes} bytes of memory`);
      });
    }, WATCH_MS);
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      if (stderr.length < STDERR_CHARS_MAX) stderr += text.slice(0, STDERR_CHARS_MAX);
    });
    child.on('message', (value) => {
      const message = messageSchema.safeParse(value);
      if (!message.success) kill('answered what admission does not understand');
      else if ('step' in message.data) step = message.data.step;
      else answer = message.data.result;
    });
    const finish = (ended: string): void => {
      clearTimeout(timer);
      clearInterval(watch);
      if (answer !== undefined && killedFor === undefined) {
        resolve(answer);
        return;
      }
      const why = killedFor ?? (stderr.includes('out of memory') ? 'ran out of memory' : ended);
      resolve({ admitted: false, reason: `model.onnx: ${why} while ${step}` });
    };
    child.on('error', (error) => {
      finish(`could not be checked (${error.message})`);
    });
    child.on('close', (code, signal) => {
      finish(`ended the process that opened it (${signal ?? `exit ${code ?? 'unknown'}`})`);
    });
  });
}

/**
 * The child gets no environment, so none of the service's secrets. `ulimit -d` bounds what it may map writable, native
 * memory included, and `ulimit -t` its processor seconds, which hold even when this process dies first. The watch on
 * resident memory does it where `ulimit` does not (macOS).
 */
function startChild(args: readonly string[], limits: AdmissionLimits): ChildProcess {
  const dataKiB = Math.ceil((limits.memoryBytes + RUNTIME_BYTES) / 1024);
  const seconds = Math.ceil(limits.timeMs / 1000) + 1;
  const script = 'ulimit -c 0; ulimit -t "$1"; ulimit -d "$2" 2>/dev/null; shift 2; exec "$@"';
  return spawn(
    '/bin/sh',
    ['-c', script, 'sh', String(seconds), String(dataKiB), process.execPath, '--max-old-space-size=512', ...args],
    { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], env: {} },
  );
}
