{{ config(post_hook=export_parquet('ordinal, rank', scores=['score'])) }}
-- What follows a track within a listener's session: 1 / distance for each time, over the square root of both tracks'
-- plays, because what is played everywhere follows everything.
with followed as (
    select
        ordinal
        {% for distance in range(1, var('neighbour_distance_max') + 1) %}
        , lead(ordinal, {{ distance }}) over (partition by listener_id, session_number order by play_index) as follower_{{ distance }}
        {% endfor %}
    from {{ ref('numbered_plays') }}
),

counted as (
    {% for distance in range(1, var('neighbour_distance_max') + 1) %}
    select ordinal, follower_{{ distance }} as neighbour, count(*) / {{ distance }}.0 as weight
    from followed
    where follower_{{ distance }} <> ordinal
    group by ordinal, follower_{{ distance }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

pairs as (
    select ordinal, neighbour, {{ exact_sum('weight') }} as weight
    from counted
    group by ordinal, neighbour
),

scored as (
    select
        pairs.ordinal, pairs.neighbour,
        pairs.weight / sqrt(
            (seed.plays + {{ var('neighbour_shrinkage') }}) * (follower.plays + {{ var('neighbour_shrinkage') }})
        ) as score
    from pairs
    inner join {{ ref('tracks') }} as seed on seed.ordinal = pairs.ordinal
    inner join {{ ref('tracks') }} as follower on follower.ordinal = pairs.neighbour
),

ranked as (
    select
        ordinal, neighbour, score,
        cast(row_number() over (partition by ordinal order by score desc, neighbour) - 1 as integer) as rank
    from scored
)

select ordinal, neighbour, rank, score from ranked where rank < {{ var('neighbours_max') }}
