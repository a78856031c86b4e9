-- The same in Postgres.
select date_trunc('day', placed_at)::date as day, sum(total) as revenue
from orders
where status <> 'new'
group by 1
order by 1;
