{{ config(materialized='view') }}

select
    products.id as product_id,
    products.sku,
    coalesce(sum(items.quantity), 0) as units,
    coalesce(sum(items.line_total), 0) as revenue,
    cast(sum(items.line_total) as float) / sum(items.quantity) as average_price
from {{ source('shop', 'products') }} as products
left join {{ source('shop', 'order_items') }} as items
    on items.product_id = products.id
group by 1, 2
