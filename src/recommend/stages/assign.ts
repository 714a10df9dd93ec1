/** assign: listener and flags -> variant parameters. A pure hash, no I/O. */
import { assignVariant } from '../../experiments/assign.js';
import type { Admitted, Assigned } from '../state.js';

export function assign(admitted: Admitted, rankerName: string): Assigned {
  return { ...admitted, variant: assignVariant(admitted.request.listenerId, rankerName) };
}
