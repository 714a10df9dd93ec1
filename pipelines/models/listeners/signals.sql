{{ config(post_hook=export_parquet('listener_id')) }}
-- Mean and population deviation of each attribute over a listener's plays; the deviation needs two plays. A pitch class
-- has no mean.
{% set attributes = ['tempo_bpm', 'mode', 'loudness', 'danceability', 'onset_rate', 'dynamic_complexity', 'duration_s',
    'release_year', 'energy', 'popularity'] %}
with moments as (
    select
        plays.listener_id
        {% for name in attributes %}
        , count(tracks."{{ name }}") as n_{{ name }}
        , {{ exact_sum('tracks."' ~ name ~ '"') }} as sum_{{ name }}
        , {{ exact_sum('tracks."' ~ name ~ '" * tracks."' ~ name ~ '"', 28) }} as squares_{{ name }}
        {% endfor %}
    from {{ ref('numbered_plays') }} as plays
    inner join {{ ref('tracks') }} as tracks on tracks.ordinal = plays.ordinal
    group by plays.listener_id
)

select
    listener_id,
    cast(null as double) as mean_key,
    cast(null as double) as dev_key
    {% for name in attributes %}
    , sum_{{ name }} / nullif(n_{{ name }}, 0) as mean_{{ name }}
    , case when n_{{ name }} >= 2 then sqrt(greatest(
        0, squares_{{ name }} / n_{{ name }} - power(sum_{{ name }} / n_{{ name }}, 2))) end as dev_{{ name }}
    {% endfor %}
from moments
