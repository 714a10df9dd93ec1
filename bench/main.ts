/** `npm run bench`: what Segue costs, measured in one run on this machine. */
import { Command, InvalidArgumentError } from 'commander';
import { rmSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BenchContext } from './context.js';
import { FULL, QUICK, SMOKE, type Durations } from './durations.js';
import { CoreTime } from './report/core-time.js';
import { prepareDestination } from './report/destination.js';
import { markdownOf } from './report/markdown.js';
import { ratiosOf } from './report/ratios.js';
import { thisMachine, type Report, type ScenarioOutcome } from './report/report.js';
import { latencyChart } from './report/svg.js';
import type { Scenario } from './scenario.js';
import { SCENARIOS } from './scenarios.js';

const HELP = `
Scenarios run one after another; servers and load generators share the cores, so stop other work first. Throughput needs wrk, the
rivals Python 3.11 or later, the faults memcached and the Bigtable emulator: a scenario that lacks something says how to get it, the
others go on, and the exit code is 1.

Examples:
  $ npm run bench -- --quick
  $ npm run bench -- --only fastapi,overload --json result.json
  $ npm run bench -- --list
`;

interface Options {
  readonly json?: string;
  readonly out: string;
  readonly only?: readonly Scenario[];
  readonly quick: boolean;
  readonly smoke: boolean;
  readonly worlds: string;
  readonly list: boolean;
}

function scenariosNamed(text: string): readonly Scenario[] {
  return text.split(',').map((name) => {
    const scenario = SCENARIOS.find((one) => one.name === name.trim());
    if (scenario !== undefined) return scenario;
    throw new InvalidArgumentError(`given ${name}; allowed: ${SCENARIOS.map((one) => one.name).join(', ')}.`);
  });
}

const program = new Command('bench')
  .description('Measures Segue and its rivals in one run, and reports numbers, ratios and latency distributions.')
  .option('--only <names>', 'run these scenarios alone, separated by commas', scenariosNamed)
  .option('--quick', 'shorter runs, all in under five minutes', false)
  .option('--smoke', 'a second of everything, to see that it runs; the numbers mean nothing', false)
  .option('--json <file>', 'write the report as JSON to this file too; its folder is made where it is missing')
  .option('--out <dir>', 'where the report goes: report.md, report.json and a chart a scenario', 'bench-results')
  .option('--worlds <dir>', 'where synthetic worlds are kept for later runs', join(tmpdir(), 'segue-bench-worlds'))
  .option('--list', 'list the scenarios', false)
  .addHelpText('after', HELP)
  .action(run);

async function run(options: Options): Promise<void> {
  if (options.list) {
    process.stdout.write(SCENARIOS.map(({ name, title }) => `${name.padEnd(16)} ${title}\n`).join(''));
    return;
  }
  try {
    prepareDestination(options);
  } catch (error) {
    program.error(`bench: ${error instanceof Error ? error.message : String(error)}`);
  }
  const [mode, durations]: [string, Durations] = options.smoke
    ? ['smoke', SMOKE]
    : options.quick
      ? ['quick', QUICK]
      : ['full', FULL];
  const machine = thisMachine();
  const cores = await CoreTime.start();
  const startedMs = performance.now();
  const workDir = await mkdtemp(join(tmpdir(), 'segue-bench-'));
  leaveNothingWhenStopped(workDir);
  const context = new BenchContext({
    durations,
    workDir,
    worldsDir: options.worlds,
    progress: (line) => {
      process.stderr.write(`[${((performance.now() - startedMs) / 1000).toFixed(0).padStart(4)} s] ${line}\n`);
    },
  });
  const scenarios: ScenarioOutcome[] = [];
  try {
    for (const scenario of options.only ?? SCENARIOS) {
      if (scenario.onWarmSegue === undefined) await context.endWarmSegue();
      scenarios.push(await outcomeOf(scenario, context));
    }
  } finally {
    await context.close();
  }
  const measured = new Map(scenarios.flatMap((one) => (one.ok ? [[one.name, one.metrics] as const] : [])));
  const othersShare = await cores.othersShare();
  await write({ machine: { ...machine, othersShare }, mode, scenarios, ratios: ratiosOf(measured) }, options);
  if (scenarios.some(({ ok }) => !ok)) process.exitCode = 1;
}

/** Servers and programs end with this process, as each sees to itself. */
function leaveNothingWhenStopped(workDir: string): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      process.once('exit', () => {
        rmSync(workDir, { recursive: true, force: true });
      });
      process.exit(1);
    });
  }
}

async function outcomeOf(scenario: Scenario, context: BenchContext): Promise<ScenarioOutcome> {
  const { name, title } = scenario;
  const startedMs = performance.now();
  const seconds = (): number => (performance.now() - startedMs) / 1000;
  context.progress(`${name}: ${title}`);
  try {
    const result = await scenario.run(context);
    return { name, title, seconds: seconds(), ok: true, ...result };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    context.progress(`${name} failed: ${message}`);
    return { name, title, seconds: seconds(), ok: false, error: message };
  }
}

async function write(report: Report, { out, json }: Options): Promise<void> {
  const charts = new Map<string, string>();
  for (const scenario of report.scenarios) {
    if (!scenario.ok || scenario.distributions.every(({ curve }) => curve.length === 0)) continue;
    const file = `${scenario.name}.svg`;
    await writeFile(join(out, file), latencyChart(scenario.title, scenario.distributions, scenario.budgetMs));
    charts.set(scenario.name, file);
  }
  const markdown = markdownOf(report, charts);
  const text = `${JSON.stringify(report, null, 2)}\n`;
  await writeFile(join(out, 'report.md'), markdown);
  await writeFile(join(out, 'report.json'), text);
  if (json !== undefined) await writeFile(json, text);
  process.stdout.write(markdown);
  process.stderr.write(`written to ${out}/report.md, report.json and ${charts.size} charts\n`);
}

await program.parseAsync();
