{{ config(post_hook=export_parquet('listener_id')) }}
with markets as (
    select
        listener_id, market,
        row_number() over (partition by listener_id order by count(*) desc, market) as place
    from {{ ref('plays') }}
    where market <> ''
    group by listener_id, market
),

counted as (
    select
        listener_id,
        count(*) as plays,
        max(played_at_ms) as built_through_ms,
        count(outcome) as judged,
        sum(case when outcome = 'completed' then 1 else 0 end) as completed,
        sum(case when outcome = 'skipped' then 1 else 0 end) as skipped
    from {{ ref('plays') }}
    group by listener_id
)

select
    counted.listener_id, counted.plays, counted.built_through_ms,
    coalesce(markets.market, '') as market,
    cast(counted.completed as double) / nullif(counted.judged, 0) as completion_rate,
    cast(counted.skipped as double) / nullif(counted.judged, 0) as skip_rate
from counted
left join markets on markets.listener_id = counted.listener_id and markets.place = 1
