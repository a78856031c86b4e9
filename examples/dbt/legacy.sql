-- The views of the old database that the models stand for. The demo makes them in Postgres.
CREATE SCHEMA legacy;

CREATE VIEW legacy.v_customer_ltv AS
SELECT c.id AS customer_id, c.loyalty::text AS loyalty, coalesce(s.orders, 0) AS orders, coalesce(s.revenue, 0) AS revenue,
       s.first_order_on, s.last_order_on
  FROM public.customers c
  LEFT JOIN (SELECT customer_id, count(*) AS orders, sum(total) AS revenue,
                    min((placed_at AT TIME ZONE 'UTC')::date) AS first_order_on, max((placed_at AT TIME ZONE 'UTC')::date) AS last_order_on
               FROM public.orders WHERE status <> 'new' GROUP BY customer_id) s ON s.customer_id = c.id;

CREATE VIEW legacy.v_daily_revenue AS
SELECT (placed_at AT TIME ZONE 'UTC')::date AS day, count(*) AS orders, sum(total) AS revenue
  FROM public.orders WHERE status <> 'new' GROUP BY 1;

CREATE VIEW legacy.v_top_customers AS
SELECT rank AS place, customer_id, revenue
  FROM (SELECT row_number() OVER (ORDER BY revenue DESC, customer_id) AS rank, customer_id, revenue FROM legacy.v_customer_ltv) ranked
 WHERE rank <= 100;
