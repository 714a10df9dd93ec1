/** Tells the primary how busy this process is, and lets connections go when the primary says so. */
import { loopUtilization } from '../telemetry/loop-utilization.js';
import { BALANCE_EVERY_MS } from './balance.js';
import { isToProcess } from './messages.js';
import type { Channel } from './scrape.js';
import type { Servers } from './servers.js';

const EVERY_MS = BALANCE_EVERY_MS / 2;
/** Who asks nothing for so long is not what keeps this process busy. */
const LET_GO_MS = BALANCE_EVERY_MS;

/** From now on, until what is returned is called. */
export function reportLoad(channel: Channel, servers: Pick<Servers, 'takeLoad' | 'letGo'>): () => void {
  const utilization = loopUtilization();
  servers.takeLoad();
  channel.listen((message) => {
    if (!isToProcess(message) || message.segue !== 'let-go') return;
    servers.letGo(message.connections);
    setTimeout(() => {
      servers.letGo(0);
    }, LET_GO_MS).unref();
  });
  const timer = setInterval(() => {
    channel.send({ segue: 'load', load: { utilization: utilization(), ...servers.takeLoad() } });
  }, EVERY_MS).unref();
  return () => {
    clearInterval(timer);
  };
}
