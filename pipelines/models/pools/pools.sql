{{ config(materialized='view', post_hook=export_parquet('listener_id, source, rank', scores=['score'])) }}
{% for source, model in [('history', 'pool_history'), ('taste', 'pool_taste'), ('similar-listeners', 'pool_similar_listeners')] %}
select listener_id, '{{ source }}' as source, cast(rank as integer) as rank, ordinal, score from {{ ref(model) }}
{% if not loop.last %}union all{% endif %}
{% endfor %}
