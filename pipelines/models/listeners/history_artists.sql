{{ config(post_hook=export_parquet('listener_id, artist_ordinal')) }}
with gaps as (
    select
        listener_id, artist_ordinal, play_index,
        play_index - lag(play_index) over (partition by listener_id, artist_ordinal order by play_index) as gap
    from {{ ref('numbered_plays') }}
),

summed as (
    select
        listener_id, artist_ordinal,
        count(*) as plays,
        max(play_index) as last_index,
        sum(gap) / nullif(cast(count(gap) as double), 0) as gap_mean
    from gaps
    group by listener_id, artist_ordinal
),

ranked as (
    select
        summed.*,
        row_number() over (partition by listener_id order by plays desc, last_index desc) as place
    from summed
)

select listener_id, artist_ordinal, last_index, gap_mean from ranked where place <= {{ var('history_max') }}
