{# Rows of a listener that has no plays. #}
{% test of_listeners(model) %}
select orphans.listener_id
from {{ model }} as orphans
left join {{ ref('listeners') }} as listeners on listeners.listener_id = orphans.listener_id
where listeners.listener_id is null
{% endtest %}
