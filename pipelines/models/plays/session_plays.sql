-- The session of every play, from 0 for each listener: the source's own where it names one, else cut at long pauses where
-- the listener's time stamps can be trusted, else one session. Judged for each listener alone, so that one with broken
-- stamps does not change the sessions of others.
with stamped as (
    select
        listener_id, play_index, session_id, played_at_ms,
        lag(session_id) over (partition by listener_id order by play_index) as session_id_before,
        lag(played_at_ms) over (partition by listener_id order by play_index) as played_before_ms
    from {{ ref('plays') }}
),

trust as (
    select
        listener_id,
        avg(case when played_before_ms is null or played_at_ms > played_before_ms then 1.0 else 0.0 end)
            >= {{ var('session_stamps_least') }} as stamps_trusted
    from stamped
    group by listener_id
),

cuts as (
    select
        stamped.listener_id, stamped.play_index, stamped.played_at_ms,
        case
            when played_before_ms is null then 0
            when session_id is not null or session_id_before is not null
                then case when session_id is distinct from session_id_before then 1 else 0 end
            when trust.stamps_trusted and played_at_ms - played_before_ms > {{ var('session_gap_minutes') }} * 60000 then 1
            else 0
        end as starts_session
    from stamped
    inner join trust on trust.listener_id = stamped.listener_id
)

select
    listener_id, play_index, played_at_ms,
    cast(sum(starts_session) over (partition by listener_id order by play_index rows unbounded preceding) as integer)
        as session_number
from cuts
