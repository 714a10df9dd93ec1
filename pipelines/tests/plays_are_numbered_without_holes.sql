select listener_id
from {{ ref('plays') }}
group by listener_id
having min(play_index) <> 0 or max(play_index) <> count(*) - 1
