{% macro where_status(status) %} where status = '{{ status }}' {% endmacro %}
{% macro where_number(n) %} where n = {{ n | int }} {% endmacro %}
{% macro checked(order) %}
  {% if order not in ['asc', 'desc'] %}{% do exceptions.raise_compiler_error('no') %}{% endif %}
  order by 1 {{ order }}
{% endmacro %}
{% macro count_of(table, where=none) %}
  {% set q %} select count(*) from {{ table }} {% endset %}
  {{ return(run_query(q).columns[0][0]) }}
{% endmacro %}
{% macro region() %}{{ return(var('region')) }}{% endmacro %}
{% macro pasted() %}'{{ var('direct') }}'{% endmacro %}
--                      ^ J1
{% macro outer(x) %}{{ where_status(x) }}{% endmacro %}
{% macro standard(x=var('x')) %}{{ x }}{% endmacro %}
--                                 ^ J1
{% macro of_relation(x) %}{{ ref(x) }}{% endmacro %}
{% macro any(x) %}{{ adapter.dispatch('any', 'shop')(x) }}{% endmacro %}
{% macro default__any(x) %}{{ ref(x) }}{% endmacro %}
{% test between(model, column_name, low) %}
  select * from {{ model }} where {{ column_name }} < {{ low }}
{% endtest %}
select 1 {{ where_status('paid') }} {{ where_status(var('s')) }}
--                                     ^ J1
  {{ where_status(status=var('s')) }} {{ where_number(var('n')) }} {{ checked(var('o')) }}
--   ^ J1
  {{ count_of(ref('a'), var('unused')) }} {% set n = count_of(var('t')) %}
--   ^ J3
--                                                            ^ J2
  {{ region() }} {{ pasted() }} {{ shop.where_status(var('s')) }} {{ of_relation(var('r')) }}
--   ^ J1
--                                 ^ J1
  {{ outer(var('s')) }} {{ outer(1) }} {{ any(var('r')) }}
--   ^ J1
