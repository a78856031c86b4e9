select 'it''s', E'it\'s', 'C:\', "a ""quoted"" name", $$ it's $$, $tag$ $$ 'x $tag$, 1.5e3, a::text, :x, ?;
select x'1F', b'01', n'text', a:b.c::int, a -> 'b', a ->> 'c', a || b, arr[1:2], 1..2, "é", ñ;
-- it's a comment; grant select on t to public
/* outer /* inner's */ still */ grant select on t to public;
--                              ^ S5
// Snowflake's comment: it's fine
select 'https://example.com//x', s3://bucket/it from t; grant select on t to public;
--                                                      ^ S5
