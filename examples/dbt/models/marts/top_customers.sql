{{ config(materialized='view') }}

-- Equal revenues are told apart by the customer's number, so that the hundred are always the same.
with ranked as (
    select
        row_number() over (order by revenue desc, customer_id) as place,
        customer_id,
        revenue
    from {{ ref('customer_ltv') }}
)

select place, customer_id, revenue
from ranked
where place <= 100
