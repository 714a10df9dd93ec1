{# Ranks that do not count 0, 1, 2, ... within the group, or a score above that of the rank before. #}
{% test ranked_by_score(model, group) %}
with neighbouring as (
    select
        {{ group | join(', ') }}, rank, score,
        lag(rank) over (partition by {{ group | join(', ') }} order by rank) as rank_before,
        lag(score) over (partition by {{ group | join(', ') }} order by rank) as score_before
    from {{ model }}
)

select *
from neighbouring
where rank <> coalesce(rank_before, -1) + 1 or score > score_before
{% endtest %}
