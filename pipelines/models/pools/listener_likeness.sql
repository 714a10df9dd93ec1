-- Listeners with like taste: cosine of the square roots of plays, weighted by how few listeners play a track, over each
-- listener's strongest tracks. What all listeners play says nothing; a track counts for those who play it most.
with weighed as (
    select
        listener_id, ordinal,
        sqrt(plays) * ln(1.0 + everyone.listeners / cast(count(*) over (partition by ordinal) as double)) as weight
    from {{ ref('listener_tracks') }}
    cross join (select count(*) as listeners from {{ ref('listeners') }}) as everyone
),

lengths as (
    select listener_id, sqrt({{ exact_sum('weight * weight') }}) as length
    from weighed
    group by listener_id
),

placed as (
    select
        weighed.listener_id, weighed.ordinal, weighed.weight / lengths.length as weight,
        row_number() over (partition by weighed.listener_id order by weight desc, ordinal) as place_of_listener,
        row_number() over (
            partition by ordinal order by weighed.weight / lengths.length desc, weighed.listener_id
        ) as place_of_track
    from weighed
    inner join lengths on lengths.listener_id = weighed.listener_id
),

pairs as (
    select own.listener_id, other.listener_id as like_listener_id, {{ exact_sum('own.weight * other.weight') }} as likeness
    from placed as own
    inner join placed as other on other.ordinal = own.ordinal and other.listener_id <> own.listener_id
    where own.place_of_listener <= {{ var('likeness_tracks_max') }}
        and other.place_of_listener <= {{ var('likeness_tracks_max') }}
        and other.place_of_track <= {{ var('likeness_listeners_per_track_max') }}
    group by own.listener_id, other.listener_id
),

ranked as (
    select
        listener_id, like_listener_id, likeness,
        row_number() over (partition by listener_id order by likeness desc, like_listener_id) as place
    from pairs
    where likeness > 0
)

select listener_id, like_listener_id, likeness from ranked where place <= {{ var('like_listeners_max') }}
