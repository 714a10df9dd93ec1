/** Live sessions for listeners of a world: starts and completions of tracks, a minute apart. */
import { create, toBinary } from '@bufbuild/protobuf';
import { EventType, SessionEventSchema } from '../../src/gen/segue/rows/v1/rows_pb.js';
import { EVENT_PREFIX, sessionRef } from '../../src/listeners/session-row.js';
import type { RowWrite } from '../../src/store/row-store.js';
import type { World } from '../../src/worlds/world.js';

/** A quarter of what a session may hold. */
export const SESSION_EVENTS = 64;
const APART_MS = 60_000;

export function* sessionRows(
  listenerIds: Iterable<string>,
  { catalogue, builtThroughMs }: World,
): Generator<RowWrite, void, undefined> {
  let listener = 0;
  for (const listenerId of listenerIds) {
    listener++;
    const columns: [string, Uint8Array][] = [];
    for (let event = 0; event < SESSION_EVENTS; event++) {
      const play = event >> 1;
      const started = event % 2 === 0;
      // As long as ids that clients make: a UUID.
      const id = `${String(listener).padStart(8, '0')}-0000-4000-8000-${String(event).padStart(12, '0')}`;
      const occurredAtMs = BigInt(builtThroughMs + APART_MS * (event + 1));
      const message = create(SessionEventSchema, {
        type: started ? EventType.PLAY_STARTED : EventType.PLAY_COMPLETED,
        trackId: catalogue.idOf((listener * 7 + play * 13) % catalogue.count),
        occurredAtMs,
        receivedAtMs: occurredAtMs,
        number: event + 1,
        playNumber: started ? play + 1 : 0,
      });
      columns.push([EVENT_PREFIX + id, toBinary(SessionEventSchema, message)]);
    }
    yield { key: sessionRef(listenerId).key, columns };
  }
}
