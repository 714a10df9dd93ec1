/** Where listeners are, and when they listen. */

/** Taken out once: where tests run, in VM contexts, each look-up of a global costs more than the function. */
const { floor, max } = Math;
export interface Market {
  readonly name: string;
  /** Share of listeners. */
  readonly share: number;
  /** Local time less UTC; the simulator knows no daylight saving. */
  readonly utcOffsetHours: number;
}

export const MARKETS: readonly Market[] = [
  { name: 'US', share: 0.5, utcOffsetHours: -5 },
  { name: 'DE', share: 0.3, utcOffsetHours: 1 },
  { name: 'BR', share: 0.2, utcOffsetHours: -3 },
];

/** Sessions begun in each local hour, relative to the mean hour. */
const BY_HOUR = [
  0.35, 0.2, 0.12, 0.1, 0.14, 0.32, 0.75, 1.25, 1.45, 1.2, 1.1, 1.12, 1.2, 1.15, 1.1, 1.2, 1.4, 1.65, 1.7, 1.55, 1.45,
  1.3, 1.0, 0.65,
];
const MEAN = BY_HOUR.reduce((sum, weight) => sum + weight, 0) / BY_HOUR.length;

/** The highest value of `sessionIntensity`. */
export const INTENSITY_MAX = max(...BY_HOUR) / MEAN;

/** 0 to below 24. */
export function localHour(market: Market, atMs: number): number {
  const hours = atMs / 3_600_000 + market.utcOffsetHours;
  return hours - floor(hours / 24) * 24;
}

/** How likely a session begins at the moment, relative to the mean over the day. */
export function sessionIntensity(market: Market, atMs: number): number {
  return BY_HOUR[floor(localHour(market, atMs))] / MEAN;
}
