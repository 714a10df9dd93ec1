{{ config(post_hook=export_parquet('listener_id, track_id')) }}
select distinct listener_id, track_id from {{ ref('plays') }}
