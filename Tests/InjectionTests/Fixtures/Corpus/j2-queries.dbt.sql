{% set rows = run_query('select distinct status from ' ~ ref('orders')) %}
{% set rows = run_query("select 1 from " ~ var('table')) %}
--                      ^ J2
{% set rows = run_query("select 1 from %s" % env_var('T')) %}
--                      ^ J2
{% set rows = run_query("select 1 from {}".format(var('table'))) %}
--                      ^ J2
{% set rows = run_query("select 1 from " ~ adapter.quote(var('table'))) %}
{% set rows = run_query("select 1 limit " ~ var('n') | int) %}
{% set query = "delete from t where id = " ~ var('id') %}
{% do run_query(query) %}
--              ^ J2
{% set query %}
  select max(id) from {{ ref('a') }} where x = '{{ var('x') }}'
{% endset %}
{% if execute %}{% set most = run_query(query) %}{% endif %}
--                                      ^ J2
{% call statement('a', fetch_result=True) %}
  select * from t where x = {{ var('x') }}
--                             ^ J2
{% endcall %}
{% call statement('b') %} select * from {{ ref('t') }} limit {{ var('n') | int }} {% endcall %}
{% set names = run_query('select name from t').columns[0].values() %}
{% for name in names %}
  {% do run_query('drop table ' ~ name) %}
--                ^ J2
  {% do run_query('drop table ' ~ adapter.quote(name)) %}
{% endfor %}
{% set one = dbt_utils.get_single_value("select max(x) from " ~ var('t')) %}
--                                      ^ J2
{% do adapter.execute(sql='select ' ~ var('x'), auto_begin=true) %}
--                        ^ J2
select 1
