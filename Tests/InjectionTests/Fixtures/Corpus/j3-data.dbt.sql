{% set methods = run_query('select distinct method from t').columns[0].values() %}
{% call statement('kinds', fetch_result=true) %} select distinct kind from t {% endcall %}
{% set kinds = load_result('kinds')['data'] %}
select
{% for method in methods %}
  sum(case when method = '{{ method }}' then amount end) as {{ adapter.quote(method) }},
--                           ^ J3
  sum(case when method = '{{ method | replace("'", "''") }}' then 1 end) as a{{ loop.index }},
  sum(case when method = '{{ dbt.escape_single_quotes(method) }}' then 1 end),
  sum(amount) as {{ method }}_amount{% if not loop.last %},{% endif %}
--                  ^ J3
{% endfor %}
{% for row in kinds %}, '{{ row[0] }}'{% endfor %}
--                          ^ J3
{%- set listed = dbt_utils.get_column_values(ref('methods'), 'method') -%}
{% for method in listed %}, '{{ method }}' {% endfor %}
--                              ^ J3 info
{% for column in adapter.get_columns_in_relation(ref('t')) %}, {{ column.name }} {% endfor %}
{% for n in methods %}, {{ n | int }}, {{ n | length }}{% endfor %}
{% for method in ['card', 'cash'] %}, '{{ method }}'{% endfor %}
from t
