with totals as (
    select
        (select count(*) from {{ ref('plays') }}) as plays,
        (select coalesce(sum(plays), 0) from {{ ref('sessions') }}) as in_sessions,
        (select coalesce(sum(last_index - first_index + 1), 0) from {{ ref('sessions') }}) as spanned
)

select * from totals where plays <> in_sessions or plays <> spanned
