{{ config(post_hook=export_parquet('market, rank')) }}
-- Most popular tracks by market and everywhere (''). A market with few plays of its own is filled up with what is
-- popular everywhere and may be played there.
with markets as (
    select market, max(decayed_plays) as top
    from {{ ref('track_popularity') }}
    where market <> ''
    group by market
),

everywhere as (
    select '' as market, ordinal, popularity as score from {{ ref('tracks') }}
),

in_markets as (
    select
        markets.market, tracks.ordinal,
        0.99 * coalesce(local.decayed_plays, 0) / markets.top + 0.01 * tracks.popularity as score
    from markets
    cross join {{ ref('tracks') }} as tracks
    left join {{ ref('track_popularity') }} as local
        on local.market = markets.market and local.track_id = tracks.track_id
    where (tracks.ordinal < {{ var('popular_max') }} or local.track_id is not null)
        and (coalesce(tracks.markets, '') = '' or '|' || tracks.markets || '|' like '%|' || markets.market || '|%')
),

ranked as (
    select
        market, ordinal, score,
        cast(row_number() over (partition by market order by score desc, ordinal) - 1 as integer) as rank
    from (select * from everywhere union all select * from in_markets) as listed
)

select market, rank, ordinal, score from ranked where rank < {{ var('popular_max') }}
