-- What listeners with like taste play and this listener never heard: their shares of plays, weighted by a high power of
-- likeness, so that the few most like decide.
with weights as (
    select
        listener_id, like_listener_id,
        power(likeness / max(likeness) over (partition by listener_id), {{ var('likeness_power') }}) as weight
    from {{ ref('listener_likeness') }}
),

shares as (
    select played.listener_id, played.ordinal, played.plays / cast(totals.plays as double) as share
    from {{ ref('listener_tracks') }} as played
    inner join {{ ref('listeners') }} as totals on totals.listener_id = played.listener_id
),

strongest_shares as (
    select
        listener_id, ordinal, share,
        row_number() over (partition by listener_id order by share desc, ordinal) as place
    from shares
),

scored as (
    select weights.listener_id, others.ordinal, {{ exact_sum('weights.weight * others.share') }} as score
    from weights
    inner join strongest_shares as others
        on others.listener_id = weights.like_listener_id and others.place <= {{ var('likeness_shares_max') }}
    left join {{ ref('listener_tracks') }} as own
        on own.listener_id = weights.listener_id and own.ordinal = others.ordinal
    where own.ordinal is null
    group by weights.listener_id, others.ordinal
),

ranked as (
    select
        listener_id, ordinal, score,
        row_number() over (partition by listener_id order by score desc, ordinal) - 1 as rank
    from scored
)

select listener_id, rank, ordinal, score from ranked where rank < {{ var('pool_similar_max') }}
