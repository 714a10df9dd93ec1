-- The same plays, counted by track, by listener, and by listener and track.
with totals as (
    select
        (select count(*) from {{ ref('plays') }}) as plays,
        (select count(*) from {{ ref('numbered_plays') }}) as numbered,
        (select coalesce(sum(plays), 0) from {{ ref('tracks') }}) as of_tracks,
        (select coalesce(sum(plays), 0) from {{ ref('listeners') }}) as of_listeners,
        (select coalesce(sum(plays), 0) from {{ ref('listener_tracks') }}) as of_pairs,
        (select count(*) from {{ ref('heard') }}) as heard,
        (select count(*) from {{ ref('listener_tracks') }}) as pairs
)

select *
from totals
where plays <> numbered or plays <> of_tracks or plays <> of_listeners or plays <> of_pairs or heard <> pairs
