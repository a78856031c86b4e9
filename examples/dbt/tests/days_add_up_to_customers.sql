-- Both marts count the same sales, so their totals must agree.
select *
from (
    select
        (select sum(revenue) from {{ ref('daily_revenue') }}) as by_day,
        (select sum(revenue) from {{ ref('customer_ltv') }}) as by_customer
) as totals
where by_day <> by_customer
