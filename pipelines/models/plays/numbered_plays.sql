-- Plays by ordinals, the narrow table that everything about sequences is counted from.
select
    plays.listener_id, plays.play_index, sessions.session_number, tracks.ordinal, tracks.artist_ordinal,
    plays.played_at_ms, plays.context_id, plays.outcome
from {{ ref('plays') }} as plays
inner join {{ ref('session_plays') }} as sessions
    on sessions.listener_id = plays.listener_id and sessions.play_index = plays.play_index
inner join {{ ref('tracks') }} as tracks on tracks.track_id = plays.track_id
