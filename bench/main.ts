/** `npm run bench`: what Segue costs, measured in one run on this machine. */
import { Command } from 'commander';
import { writeFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { benchHttp, type HttpResult } from './http.js';

const EXAMPLE = `
Examples:
  $ npm run bench
  $ npm run bench -- --json result.json --duration 30
`;

interface Options {
  readonly json?: string;
  readonly duration: string;
  readonly connections: string;
}

const program = new Command('bench')
  .description(
    'Starts the built service over the demo world, loads it over HTTP and prints throughput, latency and time by stage.',
  )
  .option('--json <file>', 'write the report as JSON too')
  .option('--duration <seconds>', 'how long each load runs', '10')
  .option('--connections <n>', 'concurrent connections', '16')
  .addHelpText('after', EXAMPLE)
  .action(run);

async function run(options: Options): Promise<void> {
  const scenarios: HttpResult[] = [];
  for (const processes of [...new Set([1, availableParallelism()])]) {
    process.stderr.write(`http, 500 candidates, ${processes} process${processes === 1 ? '' : 'es'} …\n`);
    scenarios.push(
      await benchHttp({
        processes,
        connections: Number(options.connections),
        durationS: Number(options.duration),
        warmupS: 3,
      }),
    );
  }
  for (const result of scenarios) print(result);
  if (options.json !== undefined) {
    const machine = { cores: availableParallelism(), cpu: cpus()[0]?.model ?? '', node: process.version };
    await writeFile(options.json, `${JSON.stringify({ machine, scenarios }, null, 2)}\n`);
  }
}

function print(result: HttpResult): void {
  const lines = [
    '',
    `HTTP, ${result.candidates.toFixed(0)} candidates ranked, ${result.processes} process(es), ${result.connections} connections, load generator on the same cores`,
    `  requests/s  ${result.requestsPerSecond.toFixed(0)}`,
    `  p50         ${result.p50Ms.toFixed(1)} ms`,
    `  p99         ${result.p99Ms.toFixed(1)} ms`,
    `  failed      ${result.failed}`,
    `  levels      ${Object.entries(result.levels)
      .map(([level, count]) => `${level} ${count}`)
      .join(', ')}`,
    '  milliseconds by stage, one request at a time',
    ...Object.entries(result.stagesMs).map(([stage, ms]) => `    ${stage.padEnd(10)} ${ms.toFixed(3)}`),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

await program.parseAsync();
