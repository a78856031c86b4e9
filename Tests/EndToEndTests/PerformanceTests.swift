import Foundation
import Testing

extension Live {
  /// Query times and resources: a real PostgreSQL, and the stand-in over HTTP.
  ///
  /// Budgets are far away from what is measured, on either side: a busy machine changes nothing.
  @Suite("How long queries take", .serialized)
  struct PerformanceTests {
    private func name(_ text: String) -> String { "e2e_\(getpid())_perf_\(text)" }

    /// Runs a spec with these queries about a table `orders` of 20,000 rows on both sides.
    private func report(
      _ mark: String, _ performance: String, files: [String: String] = [:],
      planted: [[String: Any]] = []
    ) throws -> Report {
      let database = name(mark)
      let schema = name(mark).uppercased()
      let standin = try Standin.shared()
      func tidy() {
        _ = try? Servers.psql("DROP DATABASE IF EXISTS \(database) WITH (FORCE)")
        _ = try? standin.run("DROP SCHEMA STANDIN.\(schema)")
      }
      tidy()
      defer { tidy() }
      try Servers.psql("CREATE DATABASE \(database)")
      try Servers.psql(
        """
        CREATE TABLE orders AS SELECT n AS id, n % 5000 AS customer_id FROM generate_series(1, 20000) n;
        ANALYZE orders;
        """, database: database)
      try standin.run(
        "CREATE SCHEMA STANDIN.\(schema)",
        """
        CREATE TABLE STANDIN.\(schema).ORDERS AS SELECT N AS ID, MOD(N, 5000) AS CUSTOMER_ID FROM \
        (SELECT ROW_NUMBER() OVER (ORDER BY NULL) AS N FROM TABLE(GENERATOR(ROWCOUNT => 20000)))
        """)
      if !planted.isEmpty { try standin.record("planted-query-stats", planted) }
      let sandbox = try Sandbox(
        [
          "shop.yml": """
          version: 1
          name: Shop
          source: { postgres: $SOURCE_URL, sslmode: disable }
          target: { snowflake: standin_pat, database: STANDIN, schema: \(schema) }
          performance:
          \(performance)

          """
        ].merging(files) { $1 })
      sandbox.environment["SOURCE_URL"] = Servers.address(database: database)
      sandbox.environment["SNOWFLAKE_HOME"] = Servers.snowflakeHome
      return try sandbox.report()
    }

    @Test(
      "PostgreSQL and Snowflake (emulated): budgets that are kept, with every sample in the report")
    func kept() throws {
      let report = try report(
        "kept",
        """
          page:
            sql_file: sql/page.sql
            runs: 5
            warmup: 1
            clients: 3
            p50: 10m
            p95: 10m
            max: 10m
            cold: 10m
            rows: 4
            spilled: none
            queued: none
            versus_source: 100000x
        """,
        files: [
          "sql/page.sql": "-- as the page asks\nselect * from orders where customer_id = 42;\n"
        ])
      #expect(report.run.status == 0, "\(report.run.all)")
      #expect(report.json.count("passed") == 8)
      let lines = report.run.output.split(separator: "\n").map { $0.split(separator: " ") }
      for side in ["source", "target"] {
        for clock in ["server", "wire"] {
          #expect(
            lines.contains { $0.starts(with: [side[...], clock[...], "5"]) },
            "\(report.run.output)")
        }
      }
      #expect(report.junit.contains("3 clients at once"))
      let root = try JSONSerialization.jsonObject(with: Data(report.json.text.utf8))
      let cases = (root as? [String: Any])?["cases"] as? [[String: Any]]
      let timings = try #require(cases?.first?["timings"] as? [String: Any])
      let sides = try #require(timings["sides"] as? [[String: Any]])
      #expect(sides.compactMap { $0["side"] as? String } == ["source", "target"])
      for side in sides {
        let warm = try #require(side["warm"] as? [[String: Any]])
        #expect(warm.count == 5)
        for sample in warm {
          #expect((sample["wire"] as? Double ?? 0) > 0)
          #expect((sample["server"] as? Double ?? -1) >= 0)
          #expect(sample["rows"] as? Int == 4)
        }
      }
    }

    @Test("PostgreSQL: too slow, with the index that would help; the wrong rows")
    func source() throws {
      let report = try report(
        "slow",
        """
          page:
            side: source
            sql: select * from orders where customer_id = 42
            runs: 3
            p50: 0.001ms
            max: 0.001ms
            rows: 5
            scanned: 1kB
            cold: 10m
        """)
      #expect(report.run.status == 1)
      #expect(report.json.count("failed") == 4 && report.json.count("passed") == 1)
      #expect(report.run.output.contains("CREATE INDEX ON orders (customer_id)"))
      #expect(report.json.summary(".rows") == "4 rows, exactly 5 rows wanted")
    }

    @Test("Snowflake (emulated): slower than the source")
    func slower() throws {
      let report = try report(
        "versus",
        """
          page:
            sql: select SYSTEM$WAIT(1) as w
            source_sql: select 1
            runs: 2
            warmup: 0
            versus_source: 20x
            rows: 1
        """)
      #expect(report.json.outcome(".versus_source") == "failed", "\(report.run.all)")
      #expect(report.json.outcome(".rows") == "passed")
    }

    @Test(
      "Snowflake (emulated, planted costs): spilling, bytes, queueing and partitions are named with their cures"
    )
    func resources() throws {
      let report = try report(
        "planted",
        """
          page:
            sql: select count(*) as planted_costs from orders where customer_id = 42
            runs: 2
            warmup: 0
            p50: 10m
            scanned: 1MB
            spilled: none
            queued: none
        """,
        planted: [
          [
            "match": "planted_costs", "bytes_scanned": 5_000_000, "warehouse_size": "X-Small",
            "queued_overload_time": 1_500,
            "operators": [
              [
                "type": "TableScan",
                "statistics": ["pruning": ["partitions_scanned": 99, "partitions_total": 100]],
                "attributes": ["table_name": "SHOP.PUBLIC.ORDERS"],
              ],
              ["type": "Filter", "attributes": ["filter_condition": "ORDERS.CUSTOMER_ID = 42"]],
              [
                "type": "Sort",
                "statistics": ["spilling": ["bytes_spilled_local_storage": 7_000_000]],
              ],
            ],
          ]
        ])
      #expect(report.run.status == 1)
      #expect(report.json.outcome(".p50") == "passed")
      for check in [".scanned", ".spilled", ".queued"] {
        #expect(report.json.outcome(check) == "failed", "\(report.run.all)")
      }
      for words in [
        "the step Sort wrote 7 MB aside", "a larger warehouse",
        "ALTER TABLE SHOP.PUBLIC.ORDERS CLUSTER BY (CUSTOMER_ID)", "waited 1.5 s",
        "warehouse  X-Small",
      ] {
        #expect(report.run.output.contains(words), "\(words)")
      }
    }

    @Test("what is not told, what fails and what writes never passes")
    func unchecked() throws {
      let report = try report(
        "unchecked",
        """
          untold:
            sql: select count(*) from orders
            runs: 2
            scanned: 1GB
          missing:
            sql: select * from nowhere
            p50: 10m
            rows: { at_least: 1 }
          writing:
            sql_file: sql/write.sql
            p50: 10m
          no_queue:
            side: source
            sql: select 1
            runs: 2
            queued: none
        """, files: ["sql/write.sql": "delete from orders"])
      #expect(report.run.status == 3, "\(report.run.all)")
      #expect(report.json.count("errored") == 5)
      #expect(report.json.unchecked == ["not_told", "missing_object", "not_read_only"])
      #expect(report.run.output.contains("GRANT MONITOR ON WAREHOUSE"))
    }

    @Test("the plan says it in sentences, and prints the statements")
    func plan() throws {
      let sandbox = try Sandbox([
        "shop.yml": """
        version: 1
        name: Shop
        source: { postgres: $SOURCE_URL, sslmode: disable }
        target: { snowflake: standin_pat, database: STANDIN, schema: PUBLIC }
        performance:
          month_end_revenue: { sql: select 1, p95: 5s, versus_source: 1x }

        """
      ])
      sandbox.environment["SOURCE_URL"] = Servers.postgres
      sandbox.environment["SNOWFLAKE_HOME"] = Servers.snowflakeHome
      let plan = try sandbox.parity("plan", "shop.yml")
      #expect(
        plan.output.contains("month_end_revenue: 95 of 100 runs take at most 5 s in Snowflake."))
      let statements = try sandbox.parity("plan", "shop.yml", "--sql")
      #expect(statements.output.contains("-- source\nselect 1;\n-- target\nselect 1;"))
      #expect(statements.output.contains("-- run again and again, and timed"))
    }
  }
}
