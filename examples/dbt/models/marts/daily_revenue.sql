{{ config(materialized='incremental', unique_key='day') }}

select
    placed_on as day,
    count(*) as orders,
    sum(total) as revenue
from {{ ref('stg_orders') }}
where
    is_sale
    {% if is_incremental() %}
    -- Orders may arrive up to three days late.
    and placed_on >= (select cast({{ dbt.dateadd('day', -3, 'max(day)') }} as date) from {{ this }})
    {% endif %}
group by 1
