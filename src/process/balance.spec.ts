import { Balance, type Load, type LettingGo } from './balance.js';

/** What is decided after each round of loads, by slot. */
function decisions(rounds: readonly (readonly (Load | undefined)[])[]): (LettingGo | undefined)[] {
  const balance = new Balance();
  return rounds.map((loads) => {
    for (const [slot, load] of loads.entries()) if (load !== undefined) balance.told(slot, load);
    return balance.next();
  });
}

function load(utilization: number, connections: number, shed = 0, requests = 100): Load {
  return { utilization, connections, requests, shed };
}

it('a process that is busy twice in a row while another has time lets as many go as make them equal', () => {
  const round = [load(0.2, 2), load(1, 10)];
  expect(decisions([round, round, round, round])).toEqual([
    undefined,
    { slot: 1, connections: 4 },
    undefined,
    { slot: 1, connections: 4 },
  ]);
  const two = [load(1, 2), load(0, 0)];
  expect(decisions([two, two])).toEqual([undefined, { slot: 0, connections: 1 }]);
});

it.each([
  ['none is busy', [load(0.5, 10), load(0, 0)]],
  ['all are', [load(1, 200), load(0.8, 56)]],
  ['all are, and turn about as many away', [load(1, 200, 60), load(0.8, 56, 40)]],
  ['one has time, and another turns requests away though it has time too', [load(0.5, 10, 90), load(0.4, 10, 0)]],
  ['it turns less of what it is asked away, and more in number', [load(1, 200, 400, 1000), load(1, 20, 100)]],
  ['all are, with what they were asked before', [load(1, 10, 0, 0), load(1, 10, 0, 0)]],
  ['it has but one connection', [load(1, 1), load(0, 0)]],
  ['the other says nothing', [load(1, 10), undefined]],
  ['none says anything', [undefined, undefined]],
])('nobody lets go where %s', (_, round) => {
  expect(decisions([round, round, round])).toEqual([undefined, undefined, undefined]);
});

it('what a process told of two periods counts together', () => {
  const balance = new Balance();
  const tell = (slot: number, ...sheds: number[]): void => {
    for (const shed of sheds) balance.told(slot, load(1, 10, shed));
  };
  const next = (): LettingGo | undefined => {
    tell(0, 90, 10);
    tell(1, 10, 50);
    return balance.next();
  };
  next();
  // 40 of 200 more are as good as none; of the last period alone it would be slot 1 with 40 of 100.
  expect(next()).toBeUndefined();
});

it('a moment of work is not taken for a load', () => {
  const [first, second] = [
    [load(1, 10), load(0, 0)],
    [load(0, 0), load(1, 10)],
  ];
  expect(decisions([first, second, first, second])).toEqual(Array(4).fill(undefined));
});

it.each([
  ['as busy', [load(1, 60, 10), load(0.9, 100, 70)], 30],
  ['nearly as busy', [load(0.7, 60, 0), load(0.9, 100, 90)], 45],
  ['as busy, and what it turned away came before', [load(1, 60, 0), load(1, 100, 70, 50)], 50],
])('of processes that are %s, the one that turns more away lets go', (_, round, connections) => {
  expect(decisions([round, round])).toEqual([undefined, { slot: 1, connections }]);
});
