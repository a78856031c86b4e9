{{ config(materialized='table', alias=var('alias')) }}
{{ config(sql_header="set a = '" ~ var('a') ~ "';") }}
--                   ^ J1
{% set days = var('days', 7) | int %}
{% set limit_to = var('limit', 100) | int %}
{% set wanted = var('status') %}
{% set label = 'x' ~ wanted | upper %}
select {{ dbt_utils.star(ref('stg_orders')) }},
  {{ var('column') }} as chosen,
--   ^ J1
  '{{ wanted }}' as quoted,
--    ^ J1
  {{ label }} as label,
--   ^ J1
  {{ "'%s'" | format(wanted) }} as formatted,
--   ^ J1
  {{ "'{}'".format(env_var('REGION')) }} as region,
--   ^ J1
  {{- env_var("REGION", 'eu') -}} as trimmed,
--    ^ J1
  {{ var('a') if target.name == 'prod' else 'b' }} as either,
--   ^ J1
  {{ ['a', var('b')] | join(', ') }} as several,
--   ^ J1
  {{ {'a': var('b')}['a'] }} as looked_up,
--   ^ J1
  {{ "'" ~ var('a') | trim ~ "'" }} as joined,
--   ^ J1
  {{ "'" + var('a') + "'" }} as added,
--   ^ J1
  {{ "'%s'" % var('a') }} as remainder,
--   ^ J1
  {{ var('a') or 'b' }} as fallback,
--   ^ J1
  "é" as e, {{ var('after_accent') }} as counted_in_characters,
--             ^ J1
  {{ builtins.var('a') }} as builtin,
--   ^ J1
  {{ dbt.safe_cast(var('a'), api.Column.translate_type('date')) }} as cast_date,
--   ^ J1
  {{ unknown_macro(start=var('start')) }} as of_unknown_macro,
--   ^ J1
  {{ var('list')[0].name }} as part,
--   ^ J1
  -- {{ var('in_a_comment') }}
--      ^ J1
  'it''s {{ var('quoted') | replace("'", "''") }}' as escaped,
  {{ var('unquoted') | replace("'", "''") }} as escaped_in_vain
--   ^ J1
from {{ ref(var('model')) }}
join {{ source('heroku', var('table')) }} using (id)
where created_at > current_date - {{ days }}
  and n < {{ var('n') | int }} and m < {{ var('m')|float }} and k < {{ var('k') | length }}
limit {{ limit_to }}
{% for column in var('columns') %}
  , {{ column }}
--     ^ J1
{% endfor %}
{% for name, value in var('map').items() %}, {{ loop.index }} as {{ adapter.quote(name) }}{% endfor %}
{% set ns = namespace(sql='') %}
{% set ns.sql = ns.sql ~ var('piece') %}
{{ ns.sql }}
-- @4 J1
{% set parts = [] %}
{% do parts.append(var('piece')) %}
{{ parts | join(' and ') }}
-- @4 J1
{% set clause %}
  and status = '{{ wanted }}'
{% endset %}
{{ clause }}
-- @4 J1
{% set a, b = 1, var('b') %}
{{ a }} {{ b }}
--         ^ J1
{% filter upper %}{{ wanted }}{% endfilter %}
--                   ^ J1
{% if get_var('x') in [1] %}{{ var('x') }}{% endif %}
--                             ^ J1
{% set v = var %}{{ v('x') }}
--                  ^ J1
{% if wanted %}{{ wanted }}{% endif %}
--                ^ J1
