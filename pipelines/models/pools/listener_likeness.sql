-- Listeners with like taste: cosine of the square roots of plays, weighted by how few listeners play a track, over each
-- listener's strongest tracks. What all listeners play says nothing; a track counts for those who play it most.
-- Pairs are counted by numbers, because they are many and ids are long.
with numbered as (
    select listener_id, cast(row_number() over (order by listener_id) as integer) as listener
    from {{ ref('listeners') }}
),

weighed as (
    select
        numbered.listener, played.ordinal,
        sqrt(played.plays)
            * ln(1.0 + everyone.listeners / cast(count(*) over (partition by played.ordinal) as double)) as weight
    from {{ ref('listener_tracks') }} as played
    inner join numbered on numbered.listener_id = played.listener_id
    cross join (select count(*) as listeners from {{ ref('listeners') }}) as everyone
),

lengths as (
    select listener, sqrt({{ exact_sum('weight * weight') }}) as length
    from weighed
    group by listener
),

placed as (
    select
        weighed.listener, weighed.ordinal, weighed.weight / lengths.length as weight,
        row_number() over (partition by weighed.listener order by weight desc, ordinal) as place_of_listener,
        row_number() over (
            partition by ordinal order by weighed.weight / lengths.length desc, weighed.listener
        ) as place_of_track
    from weighed
    inner join lengths on lengths.listener = weighed.listener
),

pairs as (
    select own.listener, other.listener as like_listener, {{ exact_sum('own.weight * other.weight') }} as likeness
    from placed as own
    inner join placed as other on other.ordinal = own.ordinal and other.listener <> own.listener
    where own.place_of_listener <= {{ var('likeness_tracks_max') }}
        and other.place_of_listener <= {{ var('likeness_tracks_max') }}
        and other.place_of_track <= {{ var('likeness_listeners_per_track_max') }}
    group by own.listener, other.listener
),

ranked as (
    select
        listener, like_listener, likeness,
        row_number() over (partition by listener order by likeness desc, like_listener) as place
    from pairs
    where likeness > 0
)

select own.listener_id, other.listener_id as like_listener_id, ranked.likeness
from ranked
inner join numbered as own on own.listener = ranked.listener
inner join numbered as other on other.listener = ranked.like_listener
where ranked.place <= {{ var('like_listeners_max') }}
