create procedure owner_js(T varchar) returns string language javascript as
-- @1 S4
$$ snowflake.execute({sqlText: "drop table " + T}); $$;
--                             ^ S2
create or replace procedure owner_sql(t varchar) returns string as
-- @1 S4
begin
  case when t = 'a' then return 1; end case;
  if (t is null) then return 'x'; end if;
  execute immediate 'drop table ' || :t;
--                                   ^ S1
  return 'done';
end;
create procedure owner_named(t varchar) returns table() language sql execute as owner as
-- @1 S4
$$ begin select * from identifier(:t); select count(*) from table(:t); end $$;
--                     ^ S3 info
--                                                          ^ S3 info
create procedure caller_named(t varchar) returns string language sql execute as caller as
$$ begin select * from identifier(:t); end $$;
--                     ^ S3 info
create procedure fixed(t varchar) returns string language sql as
$$ begin select * from identifier('a'); execute immediate 'delete from x where t = ?' using (t); end $$;
create procedure quoted(t varchar) returns string language sql as
-- @1 S4
'begin execute immediate ''drop table '' || :t; end';
--                                          ^ S1
select * from table(result_scan(last_query_id())), identifier('db.t'), table(flatten(x));
