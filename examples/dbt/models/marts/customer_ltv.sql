{{ config(materialized='table') }}

select
    customers.customer_id,
    customers.loyalty,
    count(orders.order_id) as orders,
    coalesce(sum(orders.total), 0) as revenue,
    min(orders.placed_on) as first_order_on,
    max(orders.placed_on) as last_order_on
from {{ ref('stg_customers') }} as customers
left join {{ ref('stg_orders') }} as orders
    on orders.customer_id = customers.customer_id and orders.is_sale
group by 1, 2
