import { Replacements, type ReplacementTimes } from './replacements.js';

const HOUR_MS = 3_600_000;
const NEVER: ReplacementTimes = { readyMs: HOUR_MS, endMs: HOUR_MS, retryMs: HOUR_MS };

/** Stand-ins get slots from 10 on. */
function replacing(times: Partial<ReplacementTimes> = {}): { of: Replacements; said: string[]; untilSaid: Said } {
  const said: string[] = [];
  let heard: (() => void) | undefined;
  const say = (text: string): void => {
    said.push(text);
    heard?.();
  };
  let standIn = 10;
  const of = new Replacements(
    {
      start: (slot) => {
        say(`${standIn} for ${slot}`);
        return standIn++;
      },
      handOver: (slot, to) => {
        say(`${slot} to ${to}`);
      },
      replaced: (slot) => {
        say(`${slot} replaced`);
      },
      kill: (slot) => {
        say(`kill ${slot}`);
      },
    },
    { ...NEVER, ...times },
  );
  const untilSaid = async (text: string): Promise<void> => {
    while (!said.includes(text)) await new Promise<void>((resolve) => (heard = resolve));
  };
  open.push(of);
  return { of, said, untilSaid };
}
type Said = (text: string) => Promise<void>;
const open: Replacements[] = [];

afterEach(() => {
  for (const of of open.splice(0)) of.close();
});

it('replaces one process after another, and ends none before its stand-in is ready', () => {
  const { of, said } = replacing();
  of.ask(1);
  of.ask(0);
  of.ask(1);
  expect(said).toEqual(['10 for 1']);
  of.ready(10);
  expect(said).toEqual(['10 for 1', '1 to 10']);
  expect(of.exited(1)).toBe('replaced');
  expect(said.slice(2)).toEqual(['1 replaced', '11 for 0']);
  of.ready(11);
  expect(of.exited(0)).toBe('replaced');
  expect(said.slice(4)).toEqual(['0 to 11', '0 replaced']);
});

it('lets a stand-in take over from a process that dies before it is ready', () => {
  const { of, said } = replacing();
  of.ask(1);
  expect(of.exited(1)).toBe('replaced');
  expect(said).toEqual(['10 for 1', '1 to 10', '1 replaced']);
  expect(of.exited(10)).toBe('crashed');
});

it('does not replace what died while it waited', () => {
  const { of, said } = replacing();
  of.ask(1);
  of.ask(0);
  expect(of.exited(0)).toBe('crashed');
  of.ready(10);
  of.exited(1);
  expect(said).toEqual(['10 for 1', '1 to 10', '1 replaced']);
});

it('tries again later when a stand-in dies, and leaves the process alone meanwhile', async () => {
  const { of, said, untilSaid } = replacing({ retryMs: 1 });
  of.ask(1);
  expect(of.exited(10)).toBe('stand-in-failed');
  expect(said).toEqual(['10 for 1']);
  await untilSaid('11 for 1');
});

it('kills a stand-in that is not ready in time, and a process that does not end in time', async () => {
  const late = replacing({ readyMs: 1 });
  late.of.ask(1);
  await late.untilSaid('kill 10');
  const stuck = replacing({ endMs: 1 });
  stuck.of.ask(1);
  stuck.of.ready(10);
  await stuck.untilSaid('kill 1');
});

it('starts nothing once it is closed', () => {
  const { of, said } = replacing();
  of.close();
  of.ask(1);
  expect(said).toEqual([]);
});
