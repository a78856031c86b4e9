-- The source's table: psql -v n=1000000 -f tables.sql
\set QUIET 1
SET client_min_messages = warning;
DROP TABLE IF EXISTS orders;
CREATE UNLOGGED TABLE orders (
  id bigint PRIMARY KEY, order_uuid uuid NOT NULL, customer_id int NOT NULL, email text NOT NULL,
  status varchar(16) NOT NULL, amount numeric(12,2) NOT NULL, tax numeric(12,4), qty int,
  is_gift boolean NOT NULL, order_date date NOT NULL, created_at timestamptz NOT NULL,
  updated_at timestamptz, note text
);
INSERT INTO orders
SELECT i, md5('u' || i)::uuid, abs(hashint8extended(i, 1) % 200000),
  'user' || abs(hashint8extended(i, 2) % 5000000) || '@example.com',
  (ARRAY['new', 'paid', 'shipped', 'delivered', 'returned', 'cancelled'])[1 + abs(hashint8extended(i, 3) % 6)],
  abs(hashint8extended(i, 4) % 1000000)::numeric / 100,
  CASE WHEN hashint8extended(i, 5) % 10 <> 0 THEN abs(hashint8extended(i, 6) % 1000000)::numeric / 10000 END,
  CASE WHEN hashint8extended(i, 7) % 20 <> 0 THEN abs(hashint8extended(i, 8) % 50) END,
  hashint8extended(i, 9) % 8 = 0, date '2019-01-01' + abs(hashint8extended(i, 10) % 2000)::int,
  timestamptz '2019-01-01 00:00:00+00' + abs(hashint8extended(i, 11) % 172800000000000) * interval '1 microsecond',
  CASE WHEN hashint8extended(i, 12) % 4 <> 0 THEN
    timestamptz '2019-01-01 00:00:00+00' + abs(hashint8extended(i, 13) % 172800000000000) * interval '1 microsecond' END,
  CASE abs(hashint8extended(i, 14) % 5) WHEN 0 THEN NULL WHEN 1 THEN '' WHEN 2 THEN 'call back | later'
    WHEN 3 THEN 'gift für ' || i % 1000 ELSE 'left at door ' || md5(i::text) END
FROM generate_series(1, :n::bigint) i;
VACUUM (FREEZE, ANALYZE) orders;
