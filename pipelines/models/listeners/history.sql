{{ config(post_hook=export_parquet('listener_id, ordinal')) }}
-- Gaps count plays of the listener between two plays of the track, so they hold where time stamps do not.
with gaps as (
    select
        listener_id, ordinal, play_index, played_at_ms, outcome,
        play_index - lag(play_index) over (partition by listener_id, ordinal order by play_index) as gap,
        row_number() over (partition by listener_id, ordinal order by play_index desc) as latest
    from {{ ref('numbered_plays') }}
),

summed as (
    select
        listener_id, ordinal,
        count(*) as plays,
        max(play_index) as last_index,
        max(case when latest = 1 then played_at_ms end) as last_at_ms,
        sum(gap) / nullif(cast(count(gap) as double), 0) as gap_mean,
        cast({{ median('gap') }} as double) as gap_median,
        min(gap) as gap_min,
        max(case when latest = 1 then gap end) as gap_last,
        sum(case when outcome = 'skipped' then 1 else 0 end) as skips,
        sum(case when outcome = 'completed' then 1 else 0 end) as completions
    from gaps
    group by listener_id, ordinal
),

ranked as (
    select
        summed.*,
        row_number() over (partition by listener_id order by plays desc, last_index desc) as place
    from summed
)

select
    listener_id, ordinal, plays, last_index, last_at_ms, gap_mean, gap_median, gap_min, gap_last,
    cast(skips as bigint) as skips, cast(completions as bigint) as completions
from ranked
where place <= {{ var('history_max') }}
