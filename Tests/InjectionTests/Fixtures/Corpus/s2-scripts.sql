create or replace procedure js(NAME varchar) returns string language javascript execute as caller as
$$
  // snowflake.execute({sqlText: 'a' + NAME})
  /* {sqlText: `${NAME}`} */
  var fixed = "select 1";
  var parts = "select * from " + NAME;
  snowflake.execute({sqlText: "select 1"});
  snowflake.execute({sqlText: fixed});
  snowflake.execute({sqlText: `select 1
    from t where a = ?`, binds: [NAME]});
  snowflake.execute({sqlText: "select * from " + NAME});
//                            ^ S2
  snowflake.createStatement({ sqlText: `drop table ${NAME}` }).execute();
//                                     ^ S2
  snowflake.execute({"sqlText": parts});
//                              ^ S2
  snowflake.execute({sqlText: NAME});
//                            ^ S2
  // parity: allow S2 because a list of names is checked by the caller
  snowflake.execute({sqlText: "drop table " + NAME});
//                            ^ S2 allowed
  var sqlText = `drop table ${NAME}`;
  snowflake.execute({sqlText});
//                   ^ S2
  snowflake.execute({sqlText, binds: [1]});
//                   ^ S2
  var long = "select 1 "
    + "from t";
  snowflake.execute({sqlText: long});
  var url = "https://example.com" + NAME;
$$;
create procedure py(name varchar) returns string language python runtime_version = '3.11'
  packages = ('snowflake-snowpark-python') handler = 'run' execute as caller as
$$
def run(session, name):
    # session.sql(f"drop table {name}")
    query = "select * from t where x = '%s'" % name
    session.sql("select 1").collect()
    session.sql("select ?", params=[name]).collect()
    session.sql(f"drop table {name}").collect()
#               ^ S2
    session.sql("drop table " + name)
#               ^ S2
    session.sql("drop table {}".format(name))
#               ^ S2
    session.sql(query)
#               ^ S2
    session.sql(f"drop table {name}") # parity: allow S2 because names are checked above
#               ^ S2 allowed
    session.sql(f"select {{1}}")
    session.sql("""select *
      from t""")
    cursor.execute(f"""select * from {name}""")
#                  ^ S2
    return "it's done"
$$;
