/** The events that clients would have sent for a listener's plays, one play after another. */
import type { EventTypeName, LiveEvent } from '../listeners/live-event.js';
import type { Play } from './play.js';
import { ReplayClock } from './replay-clock.js';

export class PlayEvents {
  private readonly clock: ReplayClock;
  private last: Play | undefined;
  private sent = 0;

  /** @param builtThroughMs last play in the listener's batch row */
  constructor(builtThroughMs: number) {
    this.clock = new ReplayClock(builtThroughMs);
  }

  /** The time that stands for now. */
  get nowMs(): number {
    return this.clock.nowMs;
  }

  /** What became of the play before, known when this one is about to start; the clock then stands at its start. */
  before(play: Play): LiveEvent[] {
    const ended = this.last === undefined ? [] : this.endOf(this.last, play.atMs);
    this.clock.advanceTo(play.atMs);
    return ended;
  }

  start(play: Play): LiveEvent {
    this.last = play;
    return this.event('play-started', play, NaN);
  }

  private endOf(play: Play, nextMs: number): LiveEvent[] {
    const endMs = play.atMs + (Number.isNaN(play.playedMs) ? 0 : play.playedMs);
    this.clock.advanceTo(Math.min(endMs, nextMs));
    const events: LiveEvent[] = [];
    if (play.outcome === 'completed') events.push(this.event('play-completed', play, play.playedMs));
    if (play.outcome === 'skipped') events.push(this.event('skip', play, play.playedMs));
    if (play.saved === true) events.push(this.event('save', play, NaN));
    return events;
  }

  private event(type: EventTypeName, { listenerId, trackId }: Play, playedMs: number): LiveEvent {
    const atMs = Math.round(this.clock.nowMs);
    return {
      eventId: `replay-${++this.sent}`,
      type,
      listenerId,
      trackId,
      occurredAtMs: atMs,
      receivedAtMs: atMs,
      ...(Number.isNaN(playedMs) ? {} : { playedMs: Math.round(playedMs) }),
    };
  }
}
