/** The two sources of a build, as CSV. */
import { isAvailable, type Track } from './catalogue.js';
import { MARKETS } from './markets.js';
import type { Play } from './listen.js';
import type { Simulation } from './simulation.js';

export const PLAYS_HEADER = 'listener_id,seq,played_at,track_id,market,session_id,context_id,played_ms,outcome,saved';
export const TRACKS_HEADER =
  'track_id,title,artist,release_year,duration_s,tempo_bpm,key,mode,key_strength,loudness,dynamic_complexity,danceability,onset_rate,energy,explicit,markets';

/** Times are whole seconds. An unreported outcome has no `played_ms` either. */
export function playRow(simulation: Simulation, play: Play): string {
  const { id, market } = simulation.listeners[play.listener];
  const track = simulation.catalogue.tracks[play.track];
  const at = `${new Date(play.startedAtMs).toISOString().slice(0, 19)}Z`;
  const playedMs = play.outcome === undefined ? '' : play.playedMs;
  return `${id},${play.seq},${at},${track.id},${market.name},${play.sessionId},${play.contextId ?? ''},${playedMs},${play.outcome ?? ''},${play.saved ? 1 : 0}`;
}

export function trackRow(simulation: Simulation, track: Track): string {
  const { sound } = track;
  const analysis = [
    sound.tempoBpm,
    sound.key,
    sound.mode,
    sound.keyStrength,
    sound.loudness,
    sound.dynamicComplexity,
    sound.danceability,
    sound.onsetRate,
    sound.energy,
  ];
  return [
    track.id,
    quoted(track.title),
    quoted(simulation.catalogue.artists[track.artist].name),
    track.dated ? track.releaseYear : '',
    sound.durationS,
    ...(track.analysed ? analysis : analysis.map(() => '')),
    track.explicit ? 1 : 0,
    track.markets.length === 0
      ? ''
      : MARKETS.filter(({ name }) => isAvailable(track, name))
          .map(({ name }) => name)
          .join('|'),
  ].join(',');
}

/** RFC 4180. */
function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
