{# Everything that another engine writes differently. On Spark and BigQuery these macros are replaced, the models stay. #}

{# Milliseconds since the epoch of a UTC timestamp. #}
{% macro epoch_milliseconds(timestamp) %}epoch_ms({{ timestamp }}){% endmacro %}

{# A sum that does not depend on the order of rows, as a sum of floating-point numbers does: the same plays give the same bytes.
   Terms are below 10^9 and count to the ninth decimal; `digits` is for larger ones. #}
{% macro exact_sum(expression, digits=18) %}cast(sum(cast({{ expression }} as decimal({{ digits }}, 9))) as double){% endmacro %}

{% macro median(expression) %}percentile_cont(0.5) within group (order by {{ expression }}){% endmacro %}

{# Post-hook: writes the model to <export_dir>/<model>.parquet, sorted. #}
{% macro export_parquet(sorted_by) %}
copy (select * from {{ this }} order by {{ sorted_by }})
to '{{ var("export_dir") | replace("'", "''") }}/{{ this.identifier }}.parquet' (format parquet, compression zstd)
{% endmacro %}
