/** Scores of one run in one piece of memory: each head in the manifest's order, then the combination, then utility, one float32 a row. */
import type { HeadName } from './manifest.js';
import type { HeadScores } from './ranker.js';

export class ScoreBlock implements HeadScores {
  readonly heads: Readonly<Partial<Record<HeadName, Float32Array>>>;
  readonly combined: Float32Array;
  readonly utility: Float32Array;

  constructor(
    heads: readonly HeadName[],
    readonly rows: number,
    readonly scores = new Float32Array((heads.length + 2) * rows),
  ) {
    const part = (i: number): Float32Array => scores.subarray(i * rows, (i + 1) * rows);
    this.heads = Object.fromEntries(heads.map((head, i) => [head, part(i)]));
    this.combined = part(heads.length);
    this.utility = part(heads.length + 1);
  }
}
