select
    listener_id, session_number,
    min(play_index) as first_index,
    max(play_index) as last_index,
    min(played_at_ms) as started_at_ms,
    max(played_at_ms) as ended_at_ms,
    count(*) as plays
from {{ ref('session_plays') }}
group by listener_id, session_number
