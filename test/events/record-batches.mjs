// Records batches that come over IPC, with the compiled source: node record-batches.mjs <compiled> <directory> <slot>
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [compiled, directory, slot] = process.argv.slice(2);
const load = (path) => import(pathToFileURL(join(compiled, path)).href);
const { diskFiles } = await load('events/log-files.js');
const { openSegmentLog } = await load('events/segment-log.js');
const { EventRecorder } = await load('listeners/event-recorder.js');
const { recordEvents } = await load('listeners/record-events.js');
const { replay } = await load('listeners/replay.js');
const { openLmdbStore } = await load('store/lmdb/lmdb-store.js');

let failingSyncs = 0;
const files = {
  ...diskFiles,
  async create(path) {
    const file = await diskFiles.create(path);
    return {
      ...file,
      async datasync() {
        if (failingSyncs > 0 && path.includes('events-')) {
          failingSyncs--;
          throw Object.assign(new Error('EIO: injected'), { code: 'EIO' });
        }
        await file.datasync();
      },
    };
  },
};

const store = openLmdbStore({ dataDir: join(directory, 'rows') });
await store.createTable('sessions');
await store.createTable('events');
const nowMs = () => Date.now();
const log = await openSegmentLog({
  directory: join(directory, 'events'),
  slot: Number(slot),
  nowMs,
  files,
  checkpointMs: 50,
  segmentBytesMax: 65_536,
  retryMinMs: 5,
  retryMaxMs: 20,
});
const recorder = new EventRecorder({ store, log, nowMs });
const report = await replay(log, recorder);

process.on('message', async ({ id, events, failSyncs }) => {
  if (failSyncs !== undefined) {
    failingSyncs = failSyncs;
    return;
  }
  try {
    const deps = { recorder, knowsTrack: () => true, nowMs, inTurn: async (piece) => piece() };
    process.send({ id, answer: await recordEvents({ events }, deps) });
  } catch (error) {
    process.send({ id, code: error.code ?? String(error) });
  }
});
process.once('disconnect', () => process.exit());
process.send({ ready: report });
