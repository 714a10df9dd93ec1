-- Tracks the listener never heard, by favourite artists or near in audio: the artist's share of the listener's plays
-- against the favourite's, plus closeness of audio (mean squared distance from the listener's mean, in deviations of
-- the catalogue), times the square root of popularity.
{% set attributes = ['tempo_bpm', 'loudness', 'danceability', 'onset_rate', 'dynamic_complexity', 'release_year', 'energy'] %}
with favourites as (
    select
        listener_id, artist_ordinal, weight / max(weight) over (partition by listener_id) as share,
        row_number() over (partition by listener_id order by weight desc, artist_ordinal) as place
    from {{ ref('signal_artists') }}
),

by_artist as (
    select
        ordinal, artist_ordinal, row_number() over (partition by artist_ordinal order by ordinal) as place
    from {{ ref('tracks') }}
),

named as (
    select favourites.listener_id, by_artist.ordinal, favourites.share as artist_share
    from favourites
    inner join by_artist on by_artist.artist_ordinal = favourites.artist_ordinal
    where favourites.place <= {{ var('taste_artists_max') }} and by_artist.place <= {{ var('taste_tracks_per_artist_max') }}
    union all
    select listeners.listener_id, tracks.ordinal, 0.0 as artist_share
    from {{ ref('listeners') }} as listeners
    cross join {{ ref('tracks') }} as tracks
    where tracks.ordinal < {{ var('taste_popular_max') }} and tracks.loudness is not null
),

candidates as (
    select named.listener_id, named.ordinal, max(named.artist_share) as artist_share
    from named
    left join {{ ref('listener_tracks') }} as own
        on own.listener_id = named.listener_id and own.ordinal = named.ordinal
    where own.ordinal is null
    group by named.listener_id, named.ordinal
),

spread as (
    select
        {% for name in attributes %}
        {% set value = 'cast(tracks.' ~ name ~ ' as double)' %}
        sqrt(nullif({{ exact_sum(value ~ ' * ' ~ value, 28) }} / nullif(count({{ value }}), 0)
            - power({{ exact_sum(value) }} / nullif(count({{ value }}), 0), 2), 0)) as {{ name }}{% if not loop.last %},{% endif %}

        {% endfor %}
    from {{ ref('tracks') }} as tracks
),

distances as (
    select
        candidates.listener_id, candidates.ordinal, candidates.artist_share, tracks.popularity,
        (0.0{% for name in attributes %}
            + coalesce(power((tracks.{{ name }} - signals.mean_{{ name }}) / spread.{{ name }}, 2), 0){% endfor %}
        ) / nullif(0{% for name in attributes %}
            + case when tracks.{{ name }} - signals.mean_{{ name }} + spread.{{ name }} is null then 0 else 1 end{% endfor %}
        , 0) as distance
    from candidates
    inner join {{ ref('tracks') }} as tracks on tracks.ordinal = candidates.ordinal
    inner join {{ ref('signals') }} as signals on signals.listener_id = candidates.listener_id
    cross join spread
),

scored as (
    select
        listener_id, ordinal,
        (artist_share + 0.5 * coalesce(exp(-distance / 2), 0)) * sqrt(popularity + 0.001) as score
    from distances
),

ranked as (
    select
        listener_id, ordinal, score,
        row_number() over (partition by listener_id order by score desc, ordinal) - 1 as rank
    from scored
    where score > 0
)

select listener_id, rank, ordinal, score from ranked where rank < {{ var('pool_taste_max') }}
