create function f(tbl text, n int, rel regclass, parts text[]) returns void language plpgsql as $body$
declare
  q text;
  fixed constant text := 'select 1';
  r record;
begin
  execute 'select 1';
  execute fixed;
  execute 'select * from ' || quote_ident(tbl);
  execute 'select * from ' || tbl;
--                            ^ P1
  execute 'select * from t limit ' || n || ' offset ' || n::text;
  execute 'select * from ' || rel;
  execute 'select * from ' || tbl::regclass::text;
  execute format('select * from %I where a = %L limit %s', tbl, tbl, n);
  execute format('select * from %s', tbl);
--                                   ^ P1
  execute format('select %2$s from %1$I', tbl, parts[1]);
--                                             ^ P1
  execute format('select * from %s', quote_ident(tbl));
  execute format('select * from %s', rel) using tbl;
  execute 'select * from t where a = $1' into r using tbl;
  execute E'select \'' || tbl || E'\'' into strict r;
--                        ^ P1
  q := 'select * from t';
  q := q || ' where a = ' || quote_literal(tbl);
  execute q;
  for r in execute 'select ' || $1 loop
--                              ^ P1
    null;
  end loop;
  return query execute 'select * from ' || coalesce(tbl, 'x');
--                                                  ^ P1
  for r in select tablename from pg_tables loop
    execute 'drop table ' || r.tablename;
--                           ^ P1
    execute format('drop table %I', r.tablename);
    perform 'execute ' || tbl;
  end loop;
  for i in 1..10 loop
    execute 'drop table t_' || i;
  end loop;
  execute (select string_agg('drop table ' || quote_ident(t), ';') from x);
  execute (select string_agg('drop table ' || t, ';') from x);
--                                            ^ P1
  -- parity: allow P1 because the table is one of two
  execute 'select * from ' || tbl;
--                            ^ P1 allowed
  <<here>> execute 'select * from ' || tbl;
--                                     ^ P1
  open c for execute 'select * from ' || tbl;
--                                       ^ P1
  -- execute 'select * from ' || tbl;
  /* execute 'a' || tbl; /* nested */ execute 'b' || tbl; */
  grant execute on function f to a;
end $body$;
create trigger t after insert on x for each row execute function f();
execute prepared('a' || 'b');
do $$
declare t text := 'x'; begin
  execute 'select ' || t;
--                     ^ P1
  select 'y' into t;
  execute 'select ' || u;
--                     ^ P1
end $$;
create function g() returns text language sql as $$ select 'execute ' || 'x' $$;
