select *
from {{ ref('orders') }}
-- parity: allow J1 because CI alone sets region, from a list in its configuration
where region = {{ var('region') }}
