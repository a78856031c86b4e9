{{ config(materialized='table', schema=var('schema', 'analytics')) }}
select id, status, {{ cents('total') }} as cents
from {{ source('shop', 'orders') }}
where placed_at > current_date - {{ var('days', 30) | int }}
