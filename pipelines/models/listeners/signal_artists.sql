{{ config(post_hook=export_parquet('listener_id, weight desc, artist_ordinal')) }}
with counted as (
    select listener_id, artist_ordinal, count(*) as plays
    from {{ ref('numbered_plays') }}
    group by listener_id, artist_ordinal
),

ranked as (
    select
        listener_id, artist_ordinal,
        plays / cast(sum(plays) over (partition by listener_id) as double) as weight,
        row_number() over (partition by listener_id order by plays desc, artist_ordinal) as place
    from counted
)

select listener_id, artist_ordinal, weight from ranked where place <= {{ var('signal_artists_max') }}
