// A process with an LMDB store of its own: calls methods as it is told, or writes without end until it is killed.
import { Buffer } from 'node:buffer';

const [compiled, options] = process.argv.slice(2);
const { openLmdbStore } = await import(`file://${compiled}/store/lmdb/lmdb-store.js`);
const store = openLmdbStore(JSON.parse(options));

/** Two columns that always change together, and a growing pile of rows. */
async function writeForever() {
  for (let i = 0; ; i++) {
    const value = Buffer.alloc(3000, i);
    const writes = Array.from({ length: 20 }, (_, row) =>
      store.mutate(
        { table: 'sessions', key: `row-${row}` },
        {
          set: [
            ['x', value],
            ['y', value],
          ],
        },
      ),
    );
    await Promise.all([...writes, store.writeAll('tracks.g1', rows(i))]);
  }
}

function* rows(round) {
  for (let i = 0; i < 500; i++) yield { key: `k-${round % 50}-${i}`, columns: [['n', Buffer.alloc(2000, i)]] };
}

async function scanned(table, prefix) {
  const keys = [];
  for await (const { key } of store.scan(table, prefix)) keys.push(key);
  return keys;
}

const methods = { scanned, writeForever };

process.on('message', async ({ id, method, args }) => {
  try {
    const result = await (methods[method] ? methods[method](...args) : store[method](...args));
    process.send({ id, result });
  } catch (error) {
    process.send({ id, error: { message: error.message, reason: error.reason } });
  }
});
process.on('disconnect', () => process.exit());
process.send({ ready: true });
