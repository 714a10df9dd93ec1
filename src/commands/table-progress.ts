/** Progress of writing tables: a bar on a terminal, else a line every few seconds. */
import { Presets, SingleBar } from 'cli-progress';

const LINE_EVERY_MS = 3_000;

export interface TableProgress {
  readonly update: (table: string, done: number, total: number) => void;
  /** Idempotent. */
  readonly end: () => void;
}

export function tableProgress(stream: NodeJS.WriteStream): TableProgress {
  const bar = new SingleBar(
    {
      stream,
      format: '{table} [{bar}] {value}/{total} {eta_formatted}',
      noTTYOutput: true,
      notTTYSchedule: LINE_EVERY_MS,
      hideCursor: true,
      etaBuffer: 100,
    },
    Presets.shades_classic,
  );
  let shown: string | undefined;
  const end = (): void => {
    if (shown !== undefined) bar.stop();
    shown = undefined;
  };
  const update = (table: string, done: number, total: number): void => {
    if (table !== shown) {
      end();
      bar.start(Math.max(1, total), 0, { table: table.padEnd(9) });
      shown = table;
    }
    bar.update(done);
  };
  return { update, end };
}
