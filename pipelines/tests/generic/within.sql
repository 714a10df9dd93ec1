{# Rows with a number outside [least, most]; null bounds are open. `required` columns may not be missing either. #}
{% test within(model, ranges, required=[]) %}
select *
from {{ model }}
where false
    {% for column, bounds in ranges.items() %}
    {% if bounds[0] is not none %}or "{{ column }}" < {{ bounds[0] }}{% endif %}
    {% if bounds[1] is not none %}or "{{ column }}" > {{ bounds[1] }}{% endif %}
    {% endfor %}
    {% for column in required %}
    or "{{ column }}" is null
    {% endfor %}
{% endtest %}
