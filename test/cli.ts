/** Runs the built `segue` command. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { BUILT_CLI } from './built.js';

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export async function segue(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Ran> {
  const child = spawn(process.execPath, ['--enable-source-maps', BUILT_CLI, ...args], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  await once(child, 'close');
  return { code: child.exitCode, stdout, stderr };
}

/** As `segue`, for a command that must succeed. */
export async function segueDone(args: readonly string[], env: Readonly<Record<string, string>>): Promise<string> {
  const { code, stdout, stderr } = await segue(args, env);
  if (code !== 0) throw new Error(`segue ${args.join(' ')} ended with ${code}: ${stderr}`);
  return stdout;
}
