/** Working memory of the stages: columns of numbers by slot of the candidates, written anew by each request, grown to the largest. */

export class SlotColumns {
  /** What the filter removed, by rule; 0 was kept. */
  removedBy = new Uint8Array(0);
  /** Slots that the filter kept. */
  kept = new Uint32Array(0);
  /** Score of the first phase, and the slots that go on in its order with their scores. */
  firstPhase = new Float32Array(0);
  shortlist = new Uint32Array(0);
  shortlistScores = new Float32Array(0);
  /** Order of the first phase, by index into what it scored. */
  order = new Uint32Array(0);
  /** The ranked list by falling score, and the row of the matrix that each entry had. */
  rankedOrdinals = new Uint32Array(0);
  rankedScores = new Float32Array(0);
  rankedUtilities = new Float32Array(0);
  rankedSources = new Uint8Array(0);
  rowOf = new Uint32Array(0);
  private size = 0;
  private floats = new Float32Array(0);

  /** At least `count` entries a column; the content is whatever an earlier request left. */
  grow(count: number): void {
    if (count <= this.size) return;
    this.size = count;
    this.firstPhase = new Float32Array(count);
    this.shortlistScores = new Float32Array(count);
    this.removedBy = new Uint8Array(count);
    this.kept = new Uint32Array(count);
    this.shortlist = new Uint32Array(count);
    this.order = new Uint32Array(count);
    this.rankedOrdinals = new Uint32Array(count);
    this.rankedScores = new Float32Array(count);
    this.rankedUtilities = new Float32Array(count);
    this.rankedSources = new Uint8Array(count);
    this.rowOf = new Uint32Array(count);
  }

  /** Room for a feature matrix; the content is whatever an earlier request left. */
  matrix(length: number): Float32Array<ArrayBuffer> {
    if (this.floats.length < length) this.floats = new Float32Array(length);
    return this.floats.subarray(0, length);
  }
}
