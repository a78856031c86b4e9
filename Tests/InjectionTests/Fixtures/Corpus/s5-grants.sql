grant select on t to role reporter;
grant select on t to role public;
-- @1 S5
grant execute on function f(int) to public;
-- @1 S5
grant usage on schema util to public;
-- @1 S5 info
grant select on future tables in schema s to role public;
-- @1 S5
grant select on t to a with grant option;
-- @1 S5
grant ownership on table t to role owner_role copy current grants;
-- @1 S5
GRANT ALL PRIVILEGES ON SCHEMA s TO ROLE loader;
-- @1 S5
grant role analyst to user ann;
grant select on public.t to a;
revoke select on t from public;
alter default privileges in schema s grant select on tables to public;
--                                   ^ S5
/* grant select on t to public; */ -- grant select on t to public;
// grant select on t to public;
select 'grant select on t to public;', $$grant select on t to public;$$, "grant select on t to public";
do $$ begin grant insert on t to public; end $$;
--          ^ S5
create table grants (public text, "all" int);
