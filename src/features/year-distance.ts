/** ln(1 + years) between a release and a fixed year: one logarithm for each year that occurs, not for each track. */

const FIRST_YEAR = 1900;
const YEARS = 200;

export class YearDistance {
  private readonly known = new Float64Array(YEARS).fill(-1);

  /** @param year may lie within a year, as a mean does; NaN when missing */
  constructor(private readonly year: number) {}

  /** NaN when either year is missing. */
  ln(year: number): number {
    const index = year - FIRST_YEAR;
    const known = this.known[index];
    if (known >= 0) return known;
    const found = Math.log1p(Math.abs(year - this.year));
    if (index >= 0 && index < YEARS) this.known[index] = found;
    return found;
  }
}
