select
    id as order_id,
    customer_id,
    cast(status as varchar(10)) as status,
    {{ utc_date('placed_at') }} as placed_on,
    total,
    status <> 'new' as is_sale
from {{ source('shop', 'orders') }}
