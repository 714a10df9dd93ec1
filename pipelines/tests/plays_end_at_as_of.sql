-- Nothing that anybody played later is known.
select * from {{ ref('plays') }} where {{ 'played_at_ms > ' ~ var('as_of_ms') if var('as_of_ms') is not none else 'false' }}
