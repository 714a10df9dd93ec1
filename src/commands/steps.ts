/** Runs other commands as steps of one, and says what they do. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { SegueError } from '../errors.js';

export interface StepOptions {
  /** Shown before each line, and in errors. */
  readonly name: string;
  /** What a person would type. */
  readonly shown: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly say: (line: string) => void;
}

/** Resolves to what the command printed. @throws SegueError when it ends with another code than 0 */
export async function runStep({ name, shown, command, args, cwd, env, say }: StepOptions): Promise<string> {
  say(`${name}: $ ${shown}`);
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const printed: string[] = [];
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      resolve(code ?? 1);
    });
  });
  await Promise.all([
    eachLine(child.stdout, (line) => printed.push(line)),
    eachLine(child.stderr, (line) => {
      if (line.trim() !== '') say(`${name}: ${line}`);
    }),
  ]);
  const code = await ended;
  if (code !== 0) throw new SegueError('SEGUE_INTERNAL', `${name} ended with code ${code}; its own lines say why`);
  return printed.join('\n');
}

async function eachLine(stream: Readable, take: (line: string) => void): Promise<void> {
  for await (const line of createInterface({ input: stream })) take(line);
}
