/** What the serving thread and a ranking worker say to each other: one question at a time, one answer each. */
import type { Bundle } from './bundle.js';

export type Question =
  | { readonly ask: 'open'; readonly key: string; readonly bundle: Bundle; readonly width: number }
  | { readonly ask: 'score'; readonly key: string; readonly matrix: Float32Array<ArrayBuffer>; readonly rows: number }
  | { readonly ask: 'release'; readonly key: string }
  | { readonly ask: 'close' };

/** `scores`: of a `ScoreBlock`. */
export type Answer =
  { readonly done: true } | { readonly scores: Float32Array<ArrayBuffer> } | { readonly failed: string };
