/** Work that waits for a worker: bounded, earliest deadline first. */

export interface Waiting {
  readonly deadlineMs: number;
}

export class JobQueue<Job extends Waiting> {
  /** By rising deadline; among equals, as they came. */
  private readonly jobs: Job[] = [];

  constructor(private readonly max: number) {}

  get length(): number {
    return this.jobs.length;
  }

  /** False when the queue is full. */
  add(job: Job): boolean {
    if (this.jobs.length >= this.max) return false;
    let at = this.jobs.length;
    while (at > 0 && this.jobs[at - 1].deadlineMs > job.deadlineMs) at--;
    this.jobs.splice(at, 0, job);
    return true;
  }

  /** The earliest job that is `wanted`, taken out. */
  take(wanted: (job: Job) => boolean): Job | undefined {
    const at = this.jobs.findIndex(wanted);
    return at < 0 ? undefined : this.jobs.splice(at, 1)[0];
  }

  remove(job: Job): void {
    const at = this.jobs.indexOf(job);
    if (at >= 0) this.jobs.splice(at, 1);
  }
}
