-- `history` was played, the other sources were not.
select pools.listener_id, pools.source, pools.ordinal
from {{ ref('pools') }} as pools
left join {{ ref('listener_tracks') }} as played
    on played.listener_id = pools.listener_id and played.ordinal = pools.ordinal
where (pools.source = 'history') <> (played.ordinal is not null)
