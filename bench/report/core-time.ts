/** What other processes took of the cores while the bench ran, where Linux tells. */
import { readFile } from 'node:fs/promises';

/** Of Linux on all its platforms today: the unit of /proc's processor times. */
const TICKS_PER_SECOND = 100;

interface Ticks {
  /** Of all cores, whoever used them. */
  readonly busy: number;
  /** Busy or not. */
  readonly all: number;
  /** Of this process and of its children that have ended. */
  readonly own: number;
}

async function readTicks(): Promise<Ticks | undefined> {
  try {
    const [total = ''] = (await readFile('/proc/stat', 'utf8')).split('\n');
    const [user, nice, system, idle, waiting, irq, softirq, stolen] = total.split(/\s+/).slice(1).map(Number);
    const stat = await readFile('/proc/self/stat', 'utf8');
    // From field 3 on; the name in field 2 may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const own = fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0);
    const busy = user + nice + system + irq + softirq + stolen;
    return { busy, all: busy + idle + waiting, own };
  } catch {
    return undefined;
  }
}

export class CoreTime {
  private constructor(private readonly before: Ticks | undefined) {}

  static async start(): Promise<CoreTime> {
    return new CoreTime(await readTicks());
  }

  /** In [0, 1], since the start; null where it is not known. Ask when the children have ended. */
  async othersShare(): Promise<number | null> {
    const { before } = this;
    const after = await readTicks();
    if (before === undefined || after === undefined || after.all - before.all < TICKS_PER_SECOND) return null;
    const others = after.busy - before.busy - (after.own - before.own);
    return Math.max(0, others / (after.all - before.all));
  }
}
