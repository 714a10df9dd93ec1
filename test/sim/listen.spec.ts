import { nextPlay, respond } from './listen.js';
import { serviceEvents } from './service-events.js';
import { createSimulation } from './simulation.js';
import { startListening, type ListenerState } from './state.js';
import { trueUtility } from './utility.js';

const simulation = createSimulation(7, { tracks: 400, listeners: 40 });
const START_MS = Date.parse('2026-01-05T00:00:00Z');

describe('steps of a listener', () => {
  it('depend on the state alone: the same state gives the same play and is itself unchanged', () => {
    let state = startListening(simulation.listeners[1], START_MS);
    for (let i = 0; i < 20; i++) {
      const before = JSON.stringify(state);
      const step = nextPlay(simulation, state);
      nextPlay(simulation, startListening(simulation.listeners[2], START_MS));
      expect(nextPlay(simulation, state)).toEqual(step);
      expect(JSON.stringify(state)).toBe(before);
      state = step.state;
    }
  });

  it('move on in time, play by play, with the session that the plays say', () => {
    let state = startListening(simulation.listeners[4], START_MS);
    let lastMs = START_MS;
    for (let seq = 0; seq < 150; seq++) {
      const { play, state: next } = nextPlay(simulation, state);
      expect(play.seq).toBe(seq);
      expect(play.startedAtMs).toBeGreaterThanOrEqual(lastMs);
      expect(next.nowMs).toBeGreaterThanOrEqual(play.startedAtMs + play.playedMs);
      if (state.session !== undefined) expect(play.sessionId).toBe(state.session.id);
      lastMs = next.nowMs;
      state = next;
    }
    expect(state.memory.tracks).toHaveLength(100);
  });

  it('hear a slate from its top until it or the session ends', () => {
    const slate = [10, 11, 12, 13, 14, 15, 16, 17, 18, 19];
    for (const listener of simulation.listeners) {
      const { plays, state } = respond(simulation, startListening(listener, START_MS), slate);
      expect(plays.map((play) => play.track)).toEqual(slate.slice(0, plays.length));
      expect(new Set(plays.map((play) => play.sessionId)).size).toBe(1);
      expect(state.plays).toBe(plays.length);
      if (plays.length < slate.length) expect(state.session).toBeUndefined();
    }
    expect(respond(simulation, startListening(simulation.listeners[0], START_MS), []).plays).toEqual([]);
  });

  it('like slates ordered by true utility better than random ones', () => {
    const completion = (choose: (state: ListenerState, listener: number, turn: number) => number): number => {
      let completed = 0;
      let plays = 0;
      for (const listener of simulation.listeners) {
        let state = startListening(listener, START_MS);
        for (let turn = 0; turn < 10; turn++) {
          const step = respond(simulation, state, choose(state, listener.index, turn));
          completed += step.plays.filter((play) => play.outcome === 'completed').length;
          plays += step.plays.length;
          state = step.state;
        }
      }
      return completed / plays;
    };
    const random = completion((_, listener, turn) => (listener * 131 + turn * 977) % 400);
    const best = completion((state) => {
      const utilities = simulation.catalogue.tracks.map((_, track) => trueUtility(simulation, state, track));
      return utilities.indexOf(Math.max(...utilities));
    });
    expect(best).toBeGreaterThan(random + 0.25);
  });

  it('complete as often as the true utility says', () => {
    let expected = 0;
    let completed = 0;
    for (const listener of simulation.listeners) {
      let state = startListening(listener, START_MS);
      for (let turn = 0; turn < 60; turn++) {
        const step = nextPlay(simulation, state);
        if (state.session !== undefined && step.play.outcome !== undefined) {
          expected += trueUtility(simulation, state, step.play.track);
          completed += step.play.outcome === 'completed' ? 1 : 0;
        }
        state = step.state;
      }
    }
    expect(Math.abs(completed / expected - 1)).toBeLessThan(0.04);
  });

  it('are reported as events with ids of their own, in order', () => {
    let state = startListening(simulation.listeners[5], START_MS);
    const ids = new Set<string>();
    let count = 0;
    for (let i = 0; i < 200; i++) {
      const { play, state: next } = nextPlay(simulation, state);
      const events = serviceEvents(simulation, play, 'request-1');
      expect(events[0].type).toBe('play-started');
      expect(events.map((event) => event.occurredAt)).toEqual(events.map((event) => event.occurredAt).sort());
      expect(events.some((event) => event.type === 'skip')).toBe(play.outcome === 'skipped');
      for (const event of events) ids.add(event.eventId);
      count += events.length;
      state = next;
    }
    expect(ids.size).toBe(count);
  });
});
