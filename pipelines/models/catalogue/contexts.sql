{{ config(post_hook=export_parquet('context_id, position')) }}
-- Tracks of a playlist in the order its listeners hear them: by the mean place of a track's first play.
with first_plays as (
    select context_id, listener_id, ordinal, min(play_index) as play_index
    from {{ ref('numbered_plays') }}
    where context_id is not null
    group by context_id, listener_id, ordinal
),

placed as (
    select
        context_id, ordinal,
        row_number() over (partition by context_id, listener_id order by play_index) as place
    from first_plays
),

meant as (
    select context_id, ordinal, sum(place) / cast(count(*) as double) as mean_place
    from placed
    group by context_id, ordinal
),

ranked as (
    select
        context_id, ordinal,
        cast(row_number() over (partition by context_id order by mean_place, ordinal) - 1 as integer) as position
    from meant
)

select context_id, position, ordinal from ranked where position < {{ var('contexts_max') }}
