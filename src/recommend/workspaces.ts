/** The working memory of requests: as many sets as ran at once, and no more than are worth keeping. */
import { CandidateSet } from '../features/candidates.js';

/** About 300 KB each. */
const KEPT_MAX = 64;

export class Workspaces {
  private readonly free: CandidateSet[] = [];

  take(): CandidateSet {
    return this.free.pop() ?? new CandidateSet();
  }

  /** Nothing may read the set from here on. */
  giveBack(candidates: unknown): void {
    if (candidates instanceof CandidateSet && this.free.length < KEPT_MAX) this.free.push(candidates);
  }
}
