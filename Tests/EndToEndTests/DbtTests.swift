import Foundation
import Testing

extension Live {
  /// dbt's artifacts, and its views against those of Postgres.
  @Suite("dbt", .serialized)
  struct DbtTests {
    private static let shared = ProcessInfo.processInfo.environment["PARITY_SHARED"]

    private static func database(_ name: String) -> String { "parity_e2e_\(getpid())_dbt_\(name)" }

    private static let tables = """
      CREATE TABLE customers (id bigint PRIMARY KEY, name text);
      CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint REFERENCES customers(id),
        placed_at timestamptz NOT NULL, status text NOT NULL, total numeric(12,2) NOT NULL);
      INSERT INTO customers SELECT n, 'c' || n FROM generate_series(1, 50) n;
      INSERT INTO orders SELECT n, 1 + n % 50, timestamptz '2026-01-01' + n * interval '3 hours',
        (ARRAY['new', 'paid', 'shipped'])[1 + n % 3], (n % 97)::numeric * 1.25
        FROM generate_series(1, 500) n;
      """

    @Test(
      "artifacts that dbt wrote: its failed test, its warned test, the view that a model replaces",
      .enabled(if: shared != nil, "PARITY_SHARED names no folder with dbt's artifacts"))
    func artifacts() throws {
      let folder = "\(Self.shared ?? "")/data/dbt"
      func file(_ name: String) throws -> String {
        try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
      }
      let names = ["a", "b"].map(Self.database)
      defer {
        for name in names {
          _ = try? Servers.psql("DROP DATABASE IF EXISTS \(name) WITH (FORCE)")
        }
      }
      for name in names {
        try Servers.psql("DROP DATABASE IF EXISTS \(name) WITH (FORCE)")
        try Servers.psql("CREATE DATABASE \(name)")
        try Servers.psql(Self.tables, database: name)
      }
      try Servers.psql(
        """
        CREATE SCHEMA legacy;
        CREATE VIEW legacy.v_customer_ltv AS SELECT customer_id,
          sum(total)::numeric(14,2) AS lifetime_value, count(*) AS orders
          FROM public.orders WHERE status <> 'new' GROUP BY 1
        """, database: names[0])
      // The models as dbt compiled them, in the order of what they are built over.
      let manifest = try file("manifest.json")
      let root = try JSONSerialization.jsonObject(with: Data(manifest.utf8)) as? [String: Any]
      let nodes = try #require(root?["nodes"] as? [String: [String: Any]])
      try Servers.psql("CREATE SCHEMA analytics", database: names[1])
      for model in ["stg_orders", "customer_ltv", "daily_revenue", "orders_by_status"] {
        let code = try #require(nodes["model.shop.\(model)"]?["compiled_code"] as? String)
        let local = code.replacingOccurrences(of: "\"shop\".", with: "")
        try Servers.psql("CREATE VIEW analytics.\(model) AS \(local)", database: names[1])
      }
      let sandbox = try Sandbox([
        "shop.yml": """
        version: 1
        name: Shop
        source: { postgres: $SOURCE_URL, sslmode: disable }
        target: { postgres: $TARGET_URL, sslmode: disable }
        tables: [customers, orders]
        dbt:
          artifacts: target
          select: tag:migrated
          tests: { newer_than: 3650d }

        """,
        "target/manifest.json": manifest,
        "target/run_results.json": try file("run_results.json"),
        "target/catalog.json": try file("catalog.json"),
      ])
      sandbox.environment["SOURCE_URL"] = Servers.address(database: names[0])
      sandbox.environment["TARGET_URL"] = Servers.address(database: names[1])
      let report = try sandbox.report()
      #expect(report.run.status == 1, "\(report.run.all)")
      let failed = report.json.cases.filter { $0.outcome == "failed" }
      #expect(
        failed.map(\.id) == [
          "shop.dbt.daily_revenue.tests.accepted_values_daily_revenue_revenue__1",
          "shop.dbt.daily_revenue.tests.no_small_days", "shop.dbt.orders_by_status.tested",
        ], "\(report.run.all)")
      #expect(report.json.counted("warned") == 2 && report.json.counted("failed") == 1)
      #expect(
        report.json.summary("no_small_days")
          == "9 rows break it: Got 9 results, configured to fail if != 0")
      for check in ["exists", "columns", "row_count", "rows", "base_tables", "session_zone"] {
        #expect(report.json.outcome("dbt.customer_ltv.\(check)") == "passed", "\(check)")
      }
      #expect(report.json.summary("customer_ltv.base_tables") == "built over public.orders")
      #expect(report.json.outcome("project.artifacts") == "passed")
    }

    @Test("Snowflake (emulated views): a view over many rows, while it agrees and when it does not")
    func views() throws {
      let standin = try Standin.shared()
      let database = Self.database("v")
      let schema = "DBT_\(getpid())"
      func tidy() {
        _ = try? Servers.psql("DROP DATABASE IF EXISTS \(database) WITH (FORCE)")
        _ = try? standin.run("DROP SCHEMA STANDIN.\(schema)")
      }
      tidy()
      defer { tidy() }
      try Servers.psql("CREATE DATABASE \(database)")
      try Servers.psql(
        """
        CREATE TABLE orders (id int PRIMARY KEY, total numeric(12,2), status text);
        INSERT INTO orders SELECT n, (n % 1000) * 0.25, 's' || n % 5 FROM generate_series(1, 40000) n
        """, database: database)
      try standin.run(
        "CREATE SCHEMA STANDIN.\(schema)",
        """
        CREATE TABLE STANDIN.\(schema).ORDERS AS SELECT SEQ::NUMBER(10,0) AS ID, \
        (MOD(SEQ, 1000) * 0.25)::NUMBER(12,2) AS TOTAL, ('s' || MOD(SEQ, 5))::VARCHAR AS STATUS \
        FROM (SELECT ROW_NUMBER() OVER (ORDER BY 1) AS SEQ FROM TABLE(GENERATOR(ROWCOUNT => 40000)))
        """,
        """
        CREATE VIEW STANDIN.\(schema).PAID AS SELECT ID, TOTAL * 2 AS DOUBLED \
        FROM STANDIN.\(schema).ORDERS WHERE STATUS <> 's0'
        """)
      let sandbox = try Sandbox([
        "shop.yml": """
        version: 1
        name: Shop
        source: { postgres: $SOURCE_URL, sslmode: disable }
        target: { snowflake: standin_pat, database: STANDIN, schema: \(schema) }
        tables: [orders]
        defaults: { columns: skip, constraints: skip }
        dbt:
          views:
            paid:
              target: STANDIN.\(schema).PAID
              key: id
              equals:
                source_query: |
                  -- what the old application asked
                  select id, total * 2 as doubled from orders where status <> 's0';

        """
      ])
      sandbox.environment["SOURCE_URL"] = Servers.address(database: database)
      sandbox.environment["SNOWFLAKE_HOME"] = Servers.snowflakeHome
      let same = try sandbox.report(within: 60)
      #expect(same.run.status == 0, "\(same.run.all)")
      #expect(
        same.json.summary("paid.rows")
          == "32,000 rows, 2 columns: every value is the same", "\(same.run.all)")
      #expect(same.json.summary("paid.base_tables")?.contains("ORDERS") == true)
      // Nothing but digests moves while they agree.
      let moved = same.json.rows(of: "paid.rows")
      #expect(moved > 0 && moved < 10_000, "\(moved) rows were moved")
      try standin.run(
        """
        CREATE OR REPLACE VIEW STANDIN.\(schema).PAID AS SELECT ID, TOTAL * 2 AS DOUBLED \
        FROM STANDIN.\(schema).ORDERS WHERE STATUS <> 's0' AND ID <> 31007 \
        UNION ALL SELECT 31008, 8.00
        """)
      let other = try sandbox.report(within: 60)
      #expect(other.run.status == 1)
      #expect(other.json.outcome("paid.key") == "failed", "\(other.run.all)")
      #expect(other.json.outcome("paid.rows") == "failed")
      #expect(other.run.output.contains("31007") && other.run.output.contains("31008"))
      #expect(other.json.outcome("paid.session_zone") == "passed", "\(other.run.all)")
    }
  }
}
