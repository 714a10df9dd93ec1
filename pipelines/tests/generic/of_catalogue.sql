{# Orphans: rows that name a track (or `artist_ordinal`) the catalogue does not have. #}
{% test of_catalogue(model, column, field='ordinal') %}
select orphans."{{ column }}"
from {{ model }} as orphans
left join (select distinct {{ field }} as known from {{ ref('tracks') }}) as catalogue
    on catalogue.known = orphans."{{ column }}"
where catalogue.known is null
{% endtest %}
