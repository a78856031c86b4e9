{# {{ var('in_a_comment_of_jinja') }} #}
{% raw %} {{ var('as_it_stands') }} {% endraw %}
{% set allowed = ['paid', 'open'] %}
{% set status = var('status') %}
select
  {{ "}}" }} as braces, '{{ invocation_id }}' as id, {{ this.schema }}, {{ target.schema }},
  {{ {'a': {'b': 1}} }}, {{ 'x' | upper }}, {{ 1 + 2 }}, {{ "%.2f" | format(1.5) }},
  {{ {'eu': 'europe', 'us': 'america'}[var('region')] }} as looked_up,
  {{ {'eu': 1}.get(var('region'), 0) }} as looked_up_too,
  {{ 'a' if var('flag') else 'b' }} as chosen,
  {{ 'true' if var('flag') == 'x' and var('other') is defined else 'false' }} as compared,
  {{ var('n') - 1 }}, {{ -var('n') }}, {{ var('n') // 2 }},
  {{ dbt_utils.generate_surrogate_key(['a', 'b']) }}
from {{ ref('a') }} as a, {{ source('b', 'c') }} as c, {{ adapter.quote(var('d')) }}
where true
{% if status in allowed %} and status = '{{ status }}' {% endif %}
{% if status in ['paid', 'open'] and target.name == 'prod' %} and s = '{{ status }}' {% endif %}
{% if var('kind') in ('a', 'b') %} and kind = '{{ var("kind") }}' {% endif %}
{% if var('kind', 'a') == 'a' %} and kind = '{{ var("kind") }}' {% else %} and true {% endif %}
{% if var('kind') not in ['a'] %} and false {% else %} and kind = '{{ var("kind") }}' {% endif %}
{% if var('kind') is in ['a', 'b'] %} and kind = '{{ var("kind") }}' {% endif %}
{% if var('n') is number %} and n = {{ var('n') }} {% elif var('n').isdigit() %} or n = {{ var('n') }} {% endif %}
and x = {{ var('x') if var('x') in [1, 2] else 1 }}
{% for s in var('statuses') if s in allowed %} or status = '{{ s }}' {% endfor %}
{% for s in var('statuses') | select('in', allowed) %} or status = '{{ s }}' {% endfor %}
or n in ({{ var('numbers') | map('int') | join(', ') }})
{% set year = modules.datetime.datetime.strptime(var('day'), '%Y-%m-%d').year %}
or y = {{ year }}
{{ log('status is ' ~ status, info=true) }}
{% do log(var('x')) %}
{% if var('order') not in ['asc', 'desc'] %}
  {{ exceptions.raise_compiler_error('order must be asc or desc, not ' ~ var('order')) }}
{% endif %}
order by 1 {{ var('order') }}
{% if status == 'x' %} and {{ status }} {% endif %} or {{ status }}
--                                                        ^ J1
{% if status in 'paid' %} or {{ status }} {% endif %}
--                              ^ J1
{% if status != 'x' %} or {{ status }} {% endif %}
--                           ^ J1
{% if status in allowed or true %} or {{ status }} {% endif %}
--                                       ^ J1
{% if status in var('allowed') %} or {{ status }} {% endif %}
--                                      ^ J1
