/** A play as the events that a client app would report, for driving the real service. */
import type { Play } from './listen.js';
import type { Simulation } from './simulation.js';

/** The JSON of `segue.v1.Event`. */
export interface ServiceEvent {
  readonly eventId: string;
  readonly type: 'play-started' | 'play-completed' | 'skip' | 'save' | 'hide';
  readonly listenerId: string;
  readonly trackId: string;
  readonly sessionId: string;
  readonly playedMs?: number;
  readonly requestId?: string;
  readonly occurredAt: string;
}

/** In the order they occur: a start, then its end where that was reported, then what the listener thought of it. */
export function serviceEvents(simulation: Simulation, play: Play, requestId?: string): readonly ServiceEvent[] {
  const listenerId = simulation.listeners[play.listener].id;
  const event = (type: ServiceEvent['type'], afterMs: number, playedMs?: number): ServiceEvent => ({
    eventId: `${listenerId}-${play.seq}-${type}`,
    type,
    listenerId,
    trackId: simulation.catalogue.tracks[play.track].id,
    sessionId: play.sessionId,
    ...(playedMs === undefined ? {} : { playedMs }),
    ...(requestId === undefined ? {} : { requestId }),
    occurredAt: new Date(play.startedAtMs + afterMs).toISOString(),
  });
  const events = [event('play-started', 0)];
  if (play.outcome === 'completed') events.push(event('play-completed', play.playedMs, play.playedMs));
  if (play.outcome === 'skipped') events.push(event('skip', play.playedMs, play.playedMs));
  if (play.saved) events.push(event('save', play.playedMs));
  if (play.hidden) events.push(event('hide', play.playedMs));
  return events;
}
