create function a() returns int language sql security definer as $$ select 1 $$;
--                                           ^ P2
create function b() returns int language sql security definer set search_path = '' as $$ select 1 $$;
create function c() returns int language sql security invoker as $$ select 1 $$;
create or replace procedure d() language plpgsql as $$ begin end $$ security definer;
--                                                                  ^ P2
create function e() returns int language sql as $$ select 1 $$;
alter function e() security definer;
--                 ^ P2
create function shop.f() returns int language sql security definer as $$ select 1 $$;
alter function shop.f() set search_path = pg_catalog, pg_temp;
select 'security definer';
create function g() returns int security definer language sql set search_path to 'shop' begin atomic select 1; end;
