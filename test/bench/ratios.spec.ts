import { meetsAim, RATIO_NAMES, ratiosOf } from '../../bench/report/ratios.js';

/** What every scenario would measure; numbers chosen so that each ratio comes out by another division. */
const MEASURED = new Map<string, Readonly<Record<string, number>>>([
  ['limit', { p50Ms: 0.4 }],
  ['in-process', { p50Ms: 1 }],
  ['http', { fullPerSecond: 4500, requestsPerSecond: 5000 }],
  ['fastapi', { requestsPerSecond: 6000, segueFullVsFastapi: 0.75 }],
  ['naive', { requestsPerSecond: 2500, slowModelRequestsPerSecond: 500 }],
  ['http-slow-model', { fullPerSecond: 800, requestsPerSecond: 2000 }],
  ['overload', { inBudgetShare: 0.9995, goodputPerSecond: 3800, saturationPerSecond: 5000 }],
  ['stalls', { p99Ms: 40, budgetMs: 50, healSeconds: 1.2 }],
  ['catalogues', { p50LargestMs: 1.1, p50SmallestMs: 1, bytesPerTrack: 175 }],
  ['bigtable', { oursMicros: 900, plainMicros: 3000 }],
  ['tracing', { offPerSecond: 5000, onePercentVsOff: 0.98, allVsOff: 0.84 }],
]);

describe('the ratios of a run', () => {
  it('divides what the scenarios measured as each ratio is defined', () => {
    expect(ratiosOf(MEASURED)).toEqual({
      httpVsFastapi: 0.75,
      // The smaller of 4500/2500 and 800/500.
      httpVsNaive: 1.6,
      inProcessVsLimit: 2.5,
      overloadInBudget: 0.9995,
      overloadGoodput: 0.76,
      stalledP99OverBudget: 0.8,
      healSeconds: 1.2,
      p50MillionVs10k: 1.1,
      bytesPerTrack: 175,
      bigtableCpuVsPlain: 0.3,
      tracing1pct: 0.98,
      tracing100pct: 0.84,
    });
  });

  it.each([
    ['http', ['httpVsNaive']],
    ['fastapi', ['httpVsFastapi']],
    ['naive', ['httpVsNaive']],
    ['http-slow-model', ['httpVsNaive']],
    ['limit', ['inProcessVsLimit']],
    ['overload', ['overloadInBudget', 'overloadGoodput']],
    ['stalls', ['stalledP99OverBudget', 'healSeconds']],
    ['catalogues', ['p50MillionVs10k', 'bytesPerTrack']],
    ['bigtable', ['bigtableCpuVsPlain']],
    ['tracing', ['tracing1pct', 'tracing100pct']],
  ])('has null for what lacks the scenario %s', (missing, unknown) => {
    const ratios = ratiosOf(new Map([...MEASURED].filter(([name]) => name !== missing)));
    expect(RATIO_NAMES.filter((name) => ratios[name] === null)).toEqual(unknown);
  });

  it('has null for a service that was never seen whole again', () => {
    const stalls = { p99Ms: 40, budgetMs: 50, healSeconds: Infinity };
    expect(ratiosOf(new Map([['stalls', stalls]])).healSeconds).toBeNull();
  });

  it('knows in which direction each aim lies', () => {
    expect(meetsAim('httpVsFastapi', 0.7)).toBe(true);
    expect(meetsAim('httpVsFastapi', 0.69)).toBe(false);
    expect(meetsAim('healSeconds', 5)).toBe(true);
    expect(meetsAim('healSeconds', 5.1)).toBe(false);
    expect(meetsAim('healSeconds', null)).toBeUndefined();
  });
});
