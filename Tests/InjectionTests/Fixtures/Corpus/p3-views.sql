create table accounts (id int);
create table plain (id int);
alter table accounts enable row level security;
create policy own on shop.orders using (owner = current_user);
create view bare as select * from accounts;
--          ^ P3
create or replace view shop.bare_too as select * from "orders" o join plain using (id);
--                     ^ P3
create view guarded with (security_barrier) as select * from accounts;
create view invoked with (security_invoker = true) as select * from accounts;
create view turned_off with (security_barrier = false) as select * from accounts;
--          ^ P3
create view internal as select * from plain;
create view altered as select * from accounts;
alter view altered set (security_invoker = on);
