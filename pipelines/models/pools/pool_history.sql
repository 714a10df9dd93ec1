-- The listener's own most played tracks; a play counts half after so many further plays of the listener's.
with weighed as (
    select
        plays.listener_id, plays.ordinal,
        power(0.5, (totals.plays - 1 - plays.play_index) / {{ var('history_half_life_plays') }}.0) as weight
    from {{ ref('numbered_plays') }} as plays
    inner join {{ ref('listeners') }} as totals on totals.listener_id = plays.listener_id
),

summed as (
    select listener_id, ordinal, {{ exact_sum('weight') }} as score
    from weighed
    group by listener_id, ordinal
),

ranked as (
    select
        listener_id, ordinal, score,
        row_number() over (partition by listener_id order by score desc, ordinal) - 1 as rank
    from summed
)

select listener_id, rank, ordinal, score from ranked where rank < {{ var('pool_history_max') }}
