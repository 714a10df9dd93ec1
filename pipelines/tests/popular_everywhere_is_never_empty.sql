select 'nothing is popular everywhere' as problem
where not exists (select * from {{ ref('popular') }} where market = '')
