-- Ordinals 0, 1, 2, ... by falling popularity, ties by track id; the most popular has popularity 1 or nothing was played.
with neighbouring as (
    select
        ordinal, popularity, track_id,
        lag(ordinal) over (order by ordinal) as ordinal_before,
        lag(popularity) over (order by ordinal) as popularity_before,
        lag(track_id) over (order by ordinal) as track_id_before
    from {{ ref('tracks') }}
)

select *
from neighbouring
where ordinal <> coalesce(ordinal_before, -1) + 1
    or popularity > popularity_before
    or (popularity = popularity_before and track_id < track_id_before)
    or (ordinal = 0 and popularity not in (0, 1))
