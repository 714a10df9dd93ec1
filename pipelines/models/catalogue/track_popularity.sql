-- Plays of a track, exponentially decayed by age before the latest play of all; by market, and everywhere as market ''.
-- Age stops at twenty half-lives, so that one play stamped far in the future cannot level all others at zero.
with latest as (
    select max(played_at_ms) as at_ms from {{ ref('plays') }}
),

weighed as (
    select
        track_id, market,
        power(0.5, least(20, (latest.at_ms - played_at_ms) / (86400000.0 * {{ var('popularity_half_life_days') }}))) as weight
    from {{ ref('plays') }}
    cross join latest
)

select track_id, '' as market, count(*) as plays, {{ exact_sum('weight') }} as decayed_plays
from weighed
group by track_id
union all
select track_id, market, count(*) as plays, {{ exact_sum('weight') }} as decayed_plays
from weighed
where market <> ''
group by track_id, market
