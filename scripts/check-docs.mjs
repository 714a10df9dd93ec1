// Runs the commands of the README against a fresh service, and checks that every `segue` command the docs name exists.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const READY_WITHIN_MS = 90_000;

function fail(message) {
  console.error(`check-docs: ${message}`);
  process.exitCode = 1;
}

async function checkCommands() {
  const files = [
    'README.md',
    ...(await readdir('docs')).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`),
  ];
  const named = new Set();
  for (const file of files) {
    const text = await readFile(file, 'utf8');
    for (const [, words] of text.matchAll(
      /(?:npm run segue -- |\$ segue |`segue )([a-z]+(?:-[a-z]+)*(?: (?:export|create|list|put|clear|use|collect))?)/g,
    )) {
      named.add(words);
    }
    for (const [, script] of text.matchAll(/npm run ([a-z][a-z:]*)/g)) {
      const { scripts } = JSON.parse(await readFile('package.json', 'utf8'));
      if (scripts[script] === undefined) fail(`${file} names npm run ${script}, which does not exist`);
    }
    for (const [, path] of text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)) {
      const from = file.startsWith('docs/') ? 'docs' : '.';
      await readFile(join(from, path)).catch(async () =>
        readdir(join(from, path)).catch(() => fail(`${file} links to ${path}, which does not exist`)),
      );
    }
  }
  for (const words of named) {
    try {
      const { stdout } = await run(process.execPath, ['dist/cli.js', ...words.split(' '), '--help']);
      if (!stdout.startsWith(`Usage: segue ${words}`)) fail(`the docs name segue ${words}, which does not exist`);
    } catch {
      fail(`the docs name segue ${words}, which does not exist`);
    }
  }
  console.log(`commands of the docs: ${[...named].sort().join(', ')}`);
}

// With `ignore-scripts`, npm runs no script before or after another: one that counts on it works only where dist is there already.
async function checkScripts() {
  const { scripts } = JSON.parse(await readFile('package.json', 'utf8'));
  for (const name of Object.keys(scripts)) {
    const [, of] = /^(?:pre|post)(.+)$/.exec(name) ?? [];
    if (scripts[of] !== undefined) fail(`npm does not run ${name}: .npmrc has ignore-scripts`);
  }
}

async function checkReadme() {
  const text = await readFile('README.md', 'utf8');
  const blocks = [...text.matchAll(/```sh\n([\s\S]*?)```/g)]
    .map(([, block]) => block)
    .filter((block) => block.includes('curl'));
  const dataDir = await mkdtemp(join(tmpdir(), 'segue-docs-'));
  // As in a fresh clone, where nothing is built yet.
  await rm('dist', { recursive: true, force: true });
  const service = spawn('npm', ['start'], {
    env: { ...process.env, SEGUE_DATA_DIR: dataDir, SEGUE_LOG_LEVEL: 'warn' },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  try {
    const until = Date.now() + READY_WITHIN_MS;
    for (;;) {
      if (service.exitCode !== null) throw new Error('the service ended before it was ready');
      if (
        await fetch('http://127.0.0.1:8080/readyz').then(
          ({ ok }) => ok,
          () => false,
        )
      )
        break;
      if (Date.now() > until) throw new Error('the service was not ready in time');
      await sleep(100);
    }
    for (const block of blocks) {
      const { stdout } = await run('bash', ['-ec', block]);
      const answer = JSON.parse(stdout);
      if (block.includes('/v1/recommend') && answer.items?.length !== 10)
        fail(`the README's request gave ${stdout.slice(0, 300)}`);
      if (block.includes('/v1/events') && answer.accepted !== 1)
        fail(`the README's event gave ${stdout.slice(0, 300)}`);
      console.log(`${block.split('\n')[0].slice(0, 80)} … ${stdout.slice(0, 100)}`);
    }
    if (blocks.length < 2) fail('the README shows no request');
  } finally {
    const ended = service.exitCode ?? once(service, 'exit');
    service.kill('SIGTERM');
    await ended;
    await rm(dataDir, { recursive: true, force: true });
  }
}

await checkCommands();
await checkScripts();
await checkReadme();
