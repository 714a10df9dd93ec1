-- Every play that counts, in each listener's own order: by seq where the source has one, else by time and file line.
-- play_index counts from 0. Scraped sources share time stamps between many plays, so nothing else may order plays.
with counted as (
    select line, listener_id, track_id, seq, market, session_id, context_id, outcome,
           {{ epoch_milliseconds('played_at') }} as played_at_ms
    from {{ source('source', 'plays') }}
    {% if var('as_of_ms') is not none %}
    where {{ epoch_milliseconds('played_at') }} <= {{ var('as_of_ms') }}
    {% endif %}
)

select
    listener_id,
    row_number() over (partition by listener_id order by seq, played_at_ms, line) - 1 as play_index,
    track_id,
    played_at_ms,
    coalesce(market, '') as market,
    nullif(session_id, '') as session_id,
    nullif(context_id, '') as context_id,
    nullif(outcome, '') as outcome
from counted
