-- Revenue of each day, as the month-end report asks for it.
select placed_at::date as day, sum(total) as revenue
from orders
where status <> 'new'
group by 1
order by 1;
