{{ config(materialized='view') }}

select
    status_groups.status_group,
    count(*) as orders,
    sum(orders.total) as revenue,
    max(orders.placed_on) as last_order_on
from {{ ref('stg_orders') }} as orders
join {{ ref('order_status_groups') }} as status_groups
    on status_groups.status = orders.status
group by 1
