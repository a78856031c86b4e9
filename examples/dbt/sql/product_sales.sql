-- What the old application computed in its report of products.
SELECT p.id AS product_id, p.sku,
       coalesce(s.units, 0) AS units,
       coalesce(s.revenue, 0) AS revenue,
       s.revenue / s.units AS average_price
  FROM products p
  LEFT JOIN (SELECT product_id, sum(quantity) AS units, sum(line_total) AS revenue
               FROM order_items GROUP BY product_id) s ON s.product_id = p.id
