{# Everything that another engine writes differently. On Spark and BigQuery these macros are replaced, the models stay. #}

{# Milliseconds since the epoch of a UTC timestamp. #}
{% macro epoch_milliseconds(timestamp) %}epoch_ms({{ timestamp }}){% endmacro %}

{# A sum that does not depend on the order of rows, as a sum of floating-point numbers does: the same plays give the same bytes.
   Terms are below 10^9 and count to the ninth decimal; `digits` is for larger ones. #}
{% macro exact_sum(expression, digits=18) %}cast(sum(cast({{ expression }} as decimal({{ digits }}, 9))) as double){% endmacro %}

{% macro median(expression) %}percentile_cont(0.5) within group (order by {{ expression }}){% endmacro %}

{# Three significant digits of a number from 0: the evidence behind a score carries no more, and files are half as large. #}
{% macro three_digits(column) %}
cast(case when {{ column }} > 0 then
    round({{ column }} * power(10, 2 - floor(log10({{ column }})))) / power(10, 2 - floor(log10({{ column }})))
else {{ column }} end as real)
{% endmacro %}

{# Post-hook: writes the model to <export_dir>/<model>.parquet, sorted; `scores` are columns to write in three digits. Ranks
   are those of the exact scores. #}
{% macro export_parquet(sorted_by, scores=[]) %}
copy (
    select *
    {% if scores %}replace ({% for column in scores %}{{ three_digits(column) }} as {{ column }}{% if not loop.last %}, {% endif %}{% endfor %}){% endif %}
    from {{ this }} order by {{ sorted_by }}
)
to '{{ var("export_dir") | replace("'", "''") }}/{{ this.identifier }}.parquet' (format parquet, compression zstd)
{% endmacro %}
