execute immediate 'select 1';
execute immediate $$ begin return 1; end $$;
execute immediate 'delete from t where id = ?' using (x);
set stmt = 'select 1';
execute immediate $stmt;
execute immediate $other;
--                ^ S1
execute immediate 'drop table ' || $name;
--                                 ^ S1
execute task nightly;
create procedure p(name varchar, n number) returns varchar language sql execute as caller as
$$
declare
  fixed varchar default 'select 1';
  built varchar;
  c varchar := 'a' || 'b';
begin
  execute immediate :fixed;
  execute immediate c;
  execute immediate 'select ' || :n;
  execute immediate 'select ' || :n::varchar || ' from t where d = ' || to_date(:name);
  execute immediate 'drop table ' || name;
--                                   ^ S1
  built := 'drop table ' || name;
  execute immediate :built;
--                  ^ S1
  let more := 'select * from ' || :name || ' where 1 = 1';
  let rs resultset := (execute immediate :more using (n));
--                                       ^ S1
  select max(x) into :built from t;
  execute immediate ('select 1');
  execute immediate 'a' || replace(name, '''', '''''') || 'b';
  for r in c1 do
    execute immediate 'drop table ' || r.name;
--                                     ^ S1
  end for;
  execute immediate 'select ' || case when n > 1 then 'a' else 'b' end;
  execute immediate 'select ' || upper(name);
--                                     ^ S1
end;
$$;
