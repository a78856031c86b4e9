-- Numbers are made numbers first, and names are chosen from a list: nothing to report.
{% set column = var('column', 'placed_at') %}
{% if column not in ['placed_at', 'updated_at'] %}
  {{ exceptions.raise_compiler_error('column must be placed_at or updated_at') }}
{% endif %}
select * from {{ ref('orders') }}
where {{ column }} > current_date - {{ var('days', 7) | int }}
