{{ config(post_hook=export_parquet('ordinal')) }}
-- The whole catalogue, with ordinals by falling popularity. A track without an artist has one of its own, so that
-- tracks by unknown artists are not taken for the same artist's; a year before 1000 is an unknown one.
with measured as (
    select
        source.*,
        coalesce(nullif(lower(trim(source.artist)), ''), ' ' || source.track_id) as artist_key,
        coalesce(everywhere.plays, 0) as plays,
        coalesce(everywhere.decayed_plays, 0) / nullif(max(everywhere.decayed_plays) over (), 0) as share_of_top
    from {{ source('source', 'tracks') }} as source
    left join {{ ref('track_popularity') }} as everywhere
        on everywhere.track_id = source.track_id and everywhere.market = ''
),

ordered as (
    select
        measured.*,
        coalesce(share_of_top, 0) as popularity,
        row_number() over (order by coalesce(share_of_top, 0) desc, track_id) - 1 as ordinal
    from measured
),

artists as (
    select artist_key, row_number() over (order by min(ordinal)) - 1 as artist_ordinal
    from ordered
    group by artist_key
)

select
    cast(ordinal as integer) as ordinal,
    track_id, title, artist,
    cast(artist_ordinal as integer) as artist_ordinal,
    tempo_bpm, "key", "mode", loudness, danceability, onset_rate, dynamic_complexity, duration_s,
    case when release_year >= 1000 then release_year end as release_year, energy, key_strength, popularity, explicit, markets, plays
from ordered
inner join artists on artists.artist_key = ordered.artist_key
