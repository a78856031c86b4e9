import Foundation
import Testing

extension Live {
  /// The application's queries, asked on both sides.
  @Suite("Queries of the application")
  struct RegressionQueryTests {
    let shop = Result { try Shop.shared() }

    /// A folder whose spec has these queries, indented by four blanks.
    private func sandbox(_ queries: String) throws -> Sandbox {
      let sandbox = try shop.get().sandbox("[orders]")
      let spec = try #require(sandbox.read("shop.yml"))
      let lines = queries.split(separator: "\n").map { "    \($0)" }.joined(separator: "\n")
      try sandbox.write(
        spec.replacingOccurrences(
          of: "unlisted_tables: ignore\n",
          with: "unlisted_tables: ignore\nregression:\n  queries:\n\(lines)\n"), to: "shop.yml")
      return sandbox
    }

    private func report(_ queries: String) throws -> Report {
      try sandbox(queries).report("--select", "section:regression")
    }

    @Test("results agree as sets and in order, with parameters (Snowflake emulated)")
    func agree() throws {
      let run = try report(
        """
        page:
          source: select id, total from orders where customer_id = :customer order by id
          target: SELECT ID, TOTAL FROM ORDERS WHERE CUSTOMER_ID = :customer ORDER BY ID
          parameters: [{ customer: 2 }, { customer: 3 }]
          order: same
        revenue:
          sql: select customer_id, sum(total) as total, count(*) as orders from orders group by customer_id
          key: customer_id
        cities:
          sql: select distinct city from customers
        quoted:
          sql: select id from customers where city = :city
          parameters: { city: "Bern'; DROP TABLE customers; --" }
          empty: allowed
        by_place:
          source: select id, email from customers
          target: SELECT ID AS A, EMAIL AS B FROM CUSTOMERS
          columns: positional
          sensitive: [email]
          key: id
        """)
      #expect(run.run.status == 0, "\(run.run.all)")
      #expect(run.json.count("passed") == 6)
      #expect(
        run.json.summary("queries.page.1")
          == "2 rows, 2 columns: every value is the same, in the same order")
      #expect(!run.json.text.contains("@example.com"))
      #expect(run.json.statements.contains { $0.contains("'Bern''; DROP TABLE customers; --'") })
    }

    @Test("values of every type agree, read in order and compared as sets (Snowflake emulated)")
    func types() throws {
      let pair = """
          source: >-
            select 1 as i, 1.50::numeric(10,2) as n, -0.1::float8 as f, 0.5::float4 as r, true as b,
            'é ☃' as t, date '1969-12-31' as d, time '10:00:00.5' as c,
            timestamp '1969-12-31 23:59:59.123456' as w, timestamptz '2026-11-27 10:00:00.5+02' as z,
            'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'::uuid as u, '\\xdead'::bytea as h,
            '{"b": 1.0, "a": [1]}'::jsonb as j, null::int as x
            union all select 2, 100, 'NaN', '-Infinity', false, '', date '2026-11-27', time '00:00',
            timestamp '2026-01-01', timestamptz '1970-01-01+00', gen, null, '[]', 7
            from (values ('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a12'::uuid)) v (gen) order by 1
          target: >-
            SELECT 1 AS I, 1.5::NUMBER(10,2) AS N, -0.1::FLOAT AS F, 0.5::FLOAT AS R, TRUE AS B,
            'é ☃' AS T, '1969-12-31'::DATE AS D, '10:00:00.5'::TIME AS C,
            '1969-12-31 23:59:59.123456'::TIMESTAMP_NTZ AS W,
            '2026-11-27 08:00:00.5 +0000'::TIMESTAMP_TZ AS Z,
            'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::VARCHAR AS U, TO_BINARY('DEAD', 'HEX') AS H,
            PARSE_JSON('{"a":[1],"b":1}') AS J, NULL::NUMBER(10,0) AS X
            UNION ALL SELECT 2, 100, 'NaN'::FLOAT, '-inf'::FLOAT, FALSE, '', '2026-11-27'::DATE,
            '00:00:00'::TIME, '2026-01-01 00:00:00'::TIMESTAMP_NTZ, '1970-01-01 00:00:00 +0000'::TIMESTAMP_TZ,
            'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a12', NULL, PARSE_JSON('[]'), 7 ORDER BY 1
        """
      let run = try report("ordered:\n\(pair)\n  order: same\nset:\n\(pair)\n  key: i")
      #expect(run.run.status == 0, "\(run.run.all)")
      #expect(run.json.count("passed") == 2)
    }

    @Test("the same rows in another order are told as that (Snowflake emulated)")
    func order() throws {
      let run = try report(
        """
        page:
          source: select id, total from orders order by total
          target: SELECT ID, TOTAL FROM ORDERS ORDER BY TOTAL DESC
          order: same
        set:
          source: select id, total from orders order by total
          target: SELECT ID, TOTAL FROM ORDERS ORDER BY TOTAL DESC
          key: id
        """)
      #expect(run.run.status == 1, "\(run.run.all)")
      #expect(run.run.all.contains("the same rows, in another order"))
      #expect(run.run.all.contains("row 1 is (1, 1.25) in the source, and (8, 10) in the target"))
      #expect(run.json.outcome("queries.set") == "passed")
    }

    @Test("other rows are shown as a table's are (Snowflake emulated)")
    func differing() throws {
      let queries = """
        keyed:
          sql: select id, note from changed
          key: id
        ordered:
          sql: select id, note from changed order by id
          order: same
          key: id
        short:
          sql: select id from short
        """
      let run = try report(queries)
      #expect(run.run.status == 1, "\(run.run.all)")
      #expect(run.json.summary("queries.keyed") == "1 of 2 rows differs")
      #expect(run.json.summary("queries.ordered") == "1 of 2 rows differs")
      #expect(run.json.summary("queries.short") == "1 row missing in the target")
      #expect(run.run.output.contains("two"), "\(run.run.all)")
      #expect(run.run.output.contains("TWO"))
    }

    @Test("what could not be compared never passes (Snowflake emulated)")
    func doubtful() throws {
      let run = try report(
        """
        empty:
          sql: select id from orders where id < 0
        unknown:
          source: select id from orders
          target: SELECT NOPE FROM ORDERS
        many:
          sql: select id from orders order by id
          order: same
          limit: 3
        lost:
          source_file: no/such.sql
          target: select 1 as id
        """)
      #expect(run.run.status == 3, "\(run.run.all)")
      #expect(run.json.count("errored") == 4)
      #expect(run.json.summary("queries.empty") == "both results are empty: nothing was compared")
      #expect(run.json.summary("queries.many")?.contains("more than 3 rows") == true)
      #expect(run.json.summary("queries.lost") == "there is no file no/such.sql")
    }

    @Test("a plan tells the queries in sentences and reads no file (Snowflake emulated)")
    func plan() throws {
      let sandbox = try sandbox(
        """
        page:
          source_file: no/such.sql
          target: SELECT ID FROM ORDERS WHERE ID = :id
          parameters: { id: 7 }
        """)
      let run = try sandbox.parity("plan", "shop.yml")
      #expect(run.status == 0, "\(run.all)")
      #expect(
        run.output.contains(
          "The application's query page with id = 7 gives the same rows in Postgres and in Snowflake."
        ))
    }
  }
}
