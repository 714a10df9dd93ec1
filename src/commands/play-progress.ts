/** A bar of plays that passed, on a terminal; elsewhere a line each few seconds. */
import { Presets, SingleBar } from 'cli-progress';
import type { WriteStream } from 'node:tty';

/** Plays between two looks at the clock. */
const LOOK_EVERY = 64;
const LINE_EVERY_MS = 5_000;

export interface PlayProgress {
  readonly update: (done: number) => void;
  /** May be called twice. */
  readonly end: () => void;
}

export function playProgress(what: string, total: number, stream: WriteStream): PlayProgress {
  const bar = new SingleBar(
    {
      format: `{bar} {percentage}% | {value} of {total} ${what} | {duration_formatted}, {eta_formatted} to go`,
      stream,
      noTTYOutput: true,
      notTTYSchedule: LINE_EVERY_MS,
      hideCursor: true,
      fps: 5,
    },
    Presets.shades_classic,
  );
  bar.start(total, 0);
  let latest = 0;
  let ended = false;
  return {
    update: (done) => {
      latest = done;
      if (done % LOOK_EVERY === 0) bar.update(done);
    },
    end: () => {
      if (ended) return;
      ended = true;
      bar.update(latest);
      bar.stop();
    },
  };
}
