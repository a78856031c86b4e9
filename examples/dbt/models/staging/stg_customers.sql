select
    id as customer_id,
    cast(loyalty as varchar(10)) as loyalty
from {{ source('shop', 'customers') }}
