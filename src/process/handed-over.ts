/**
 * Connections on their way from the primary to a process.
 *
 * Node's cluster hands a connection over and waits for the process to say that it took it. If the process is killed before,
 * Node waits forever, and so does the client. Here the connection is refused in the name of the process that is gone, as one
 * that drains would refuse it, and Node hands it to another. The messages and events are those of `lib/internal/cluster` and
 * `lib/internal/child_process.js` in Node 24.
 */
import type { Worker } from 'node:cluster';

interface HandingOver {
  readonly act: 'newconn';
  readonly seq: number;
}

interface Handle {
  readonly close: () => void;
}

export class HandedOver {
  /** Those to which Node hands connections. */
  private readonly listening = new Set<Worker>();

  /** @param worker just started */
  watch(worker: Worker): void {
    const { process: child } = worker;
    // At most one for each server: the next is sent when the process has answered for the last.
    const onTheirWay = new Map<number, Handle>();
    const send = child.send.bind(child) as (...args: unknown[]) => boolean;
    child.send = (...args: unknown[]): boolean => {
      const [message, handle] = args;
      if (isHandingOver(message) && isHandle(handle)) onTheirWay.set(message.seq, handle);
      return send(...args);
    };
    worker.on('listening', () => {
      this.listening.add(worker);
    });
    child.on('internalMessage', (message: unknown) => {
      const answered = valueOf(message, 'ack');
      if (typeof answered === 'number') onTheirWay.delete(answered);
      if (valueOf(message, 'act') === 'close') this.listening.delete(worker);
    });
    const passOn = (): void => {
      if (onTheirWay.size === 0) return;
      // Node puts this off until the last handle was taken. By it, the cluster takes the process out of those it hands connections to.
      child.emit('disconnect');
      for (const [seq, handle] of onTheirWay) {
        if (this.listening.size === 0) handle.close();
        else child.emit('internalMessage', { cmd: 'NODE_CLUSTER', ack: seq, accepted: false }, undefined);
      }
      onTheirWay.clear();
    };
    child.once('exit', () => {
      this.listening.delete(worker);
      // What the process said last is read before.
      setImmediate(passOn);
    });
  }
}

function valueOf(message: unknown, name: string): unknown {
  return typeof message === 'object' && message !== null ? (message as Record<string, unknown>)[name] : undefined;
}

function isHandingOver(message: unknown): message is HandingOver {
  return valueOf(message, 'act') === 'newconn' && typeof valueOf(message, 'seq') === 'number';
}

function isHandle(handle: unknown): handle is Handle {
  return typeof valueOf(handle, 'close') === 'function';
}
