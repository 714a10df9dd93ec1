select listener_id, ordinal, count(*) as plays
from {{ ref('numbered_plays') }}
group by listener_id, ordinal
