/** ln(1 + years) between a release and a fixed year: one logarithm for each year that occurs, not for each track. */

const FIRST_YEAR = 1900;
const YEARS = 200;

/** Its memory is used again: one lasts as long as nobody asks for another distance of the same kind. */
export class YearDistance {
  private readonly known = new Float64Array(YEARS);
  private from = NaN;

  /** @param year may lie within a year, as a mean does; NaN when missing */
  to(year: number): this {
    this.from = year;
    this.known.fill(-1);
    return this;
  }

  /** NaN when either year is missing. */
  ln(year: number): number {
    const index = year - FIRST_YEAR;
    const known = this.known[index];
    if (known >= 0) return known;
    const found = Math.log1p(Math.abs(year - this.from));
    if (index >= 0 && index < YEARS) this.known[index] = found;
    return found;
  }
}
