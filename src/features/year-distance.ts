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
    if (year !== year) return NaN;
    // A whole number, so that the look-up is one of memory and not of a property.
    const index = (year - FIRST_YEAR) | 0;
    if (index < 0 || index >= YEARS || index + FIRST_YEAR !== year) return this.computed(year);
    const known = this.known[index];
    return known >= 0 ? known : (this.known[index] = this.computed(year));
  }

  private computed(year: number): number {
    return Math.log1p(Math.abs(year - this.from));
  }
}
