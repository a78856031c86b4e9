-- parity: allow J1 because the caller holds it against a list
select * from "shop"."orders" where status = 'paid' and x = '{{ var("not a template") }}';
grant select on t to public;
-- @1 S5
