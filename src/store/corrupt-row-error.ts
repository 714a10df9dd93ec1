/** A stored value that cannot be what was written. */
import { SegueError } from '../errors.js';

/** Code SEGUE_INTERNAL; `field` is the message and field at fault, such as `Pool.ordinals`. Callers degrade, as if the value were absent. */
export class CorruptRowError extends SegueError {
  constructor(field: string, problem: string, options?: ErrorOptions) {
    super('SEGUE_INTERNAL', `corrupt row: ${field} ${problem}`, field, options);
  }
}
