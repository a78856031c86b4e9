import Foundation
import Testing

extension Live {
  /// `parity watch`: following a migration until the target is ready.
  @Suite("Watching a copy (stand-in)")
  struct WatchTests {
    let shop = Result { try Shop.shared() }

    /// Lines of JSON as dictionaries.
    private static func lines(_ text: String?) throws -> [[String: Any]] {
      // The last line may be half written.
      try (text ?? "").split(separator: "\n", omittingEmptySubsequences: false).dropLast().map {
        try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
      }
    }

    private static func orders(_ tick: [String: Any]) -> [String: Any] {
      (tick["tables"] as? [[String: Any]])?.first ?? [:]
    }

    /// Waits for a tick behind the first so many that fits, and tells how many there are by then.
    @discardableResult
    private func wait(
      _ sandbox: Sandbox, from start: Int = 0, for what: String,
      _ fits: ([String: Any]) -> Bool
    ) throws -> Int {
      let begin = ContinuousClock.now
      while begin.duration(to: .now) < .seconds(40) {
        let lines = try Self.lines(sandbox.read("watch.jsonl"))
        if lines.dropFirst(start).contains(where: fits) { return lines.count }
        usleep(20_000)
      }
      throw Trouble("no tick with \(what): \(sandbox.read("watch.jsonl") ?? "no line")")
    }

    @Test(
      "a live copy of 20,000 rows with a stall and an error is followed to its end (emulated)",
      .enabled(if: Package.python != nil))
    func liveCopy() throws {
      let (database, target) = ("parity_watch_\(getpid())", "PARITY_WATCH_\(getpid())")
      try Servers.psql("CREATE DATABASE \(database)")
      defer { _ = try? Servers.psql("DROP DATABASE \(database) WITH (FORCE)") }
      try Servers.psql(
        """
        CREATE TABLE orders (id bigint PRIMARY KEY, total numeric(12,2) NOT NULL, note text NOT NULL,
          updated_at timestamptz NOT NULL);
        INSERT INTO orders SELECT n, n * 0.25, 'note ' || n, now() - (20000 - n) * interval '1 second'
        FROM generate_series(1, 20000) n;
        """, database: database)
      let standin = try Standin.shared()
      try standin.run(
        "CREATE DATABASE \(target)",
        """
        CREATE TABLE \(target).PUBLIC.ORDERS (ID NUMBER(19,0) NOT NULL PRIMARY KEY,
          TOTAL NUMBER(12,2) NOT NULL, NOTE VARCHAR NOT NULL, UPDATED_AT TIMESTAMP_TZ(6) NOT NULL)
        """)
      defer { try? standin.run("DROP DATABASE \(target)") }
      let sandbox = try Sandbox([
        "shop.yml": """
        version: 1
        name: Shop
        source: { postgres: $DATABASE_URL, sslmode: disable }
        target: { snowflake: standin, database: \(target), schema: PUBLIC }
        tables: [orders]
        watch:
          every: 200ms
          high_water: { orders: updated_at }
          ready: { ticks: 3 }

        """
      ])
      sandbox.environment["DATABASE_URL"] = Servers.address(database: database)
      sandbox.environment["SNOWFLAKE_HOME"] = Servers.snowflakeHome
      let watch = try sandbox.start([
        "watch", "shop.yml", "--deadline", "90s", "--jsonl", "watch.jsonl",
      ])
      let copy = try Program(
        try #require(Package.python),
        [
          "Tests/Support/live_copy.py", "--source", Servers.address(database: database), "--home",
          Servers.snowflakeHome, "--target", "\(target).PUBLIC.ORDERS", "--batch", "4000",
          "--pause", "0.6", "--control", sandbox.file("control"), "--loader", "copy",
        ], in: Package.root, environment: ProcessInfo.processInfo.environment)
      try wait(sandbox, for: "some rows") { (Self.orders($0)["target_rows"] as? Int ?? 0) > 0 }

      try sandbox.write("hold", to: "control")
      let stalled = try wait(sandbox, for: "a stall") {
        Self.orders($0)["stalled"] as? Bool == true
      }
      let held = try Self.lines(sandbox.read("watch.jsonl"))[stalled - 1]
      #expect(Self.orders(held)["idle_ticks"] as? Int ?? 0 >= 2)
      #expect(Self.orders(held)["verdict"] as? String == "waits")

      try Servers.psql("ALTER TABLE orders RENAME TO hidden", database: database)
      let broken = try wait(sandbox, from: stalled, for: "an error") {
        Self.orders($0)["error"] is String
      }
      try Servers.psql("ALTER TABLE hidden RENAME TO orders", database: database)
      try wait(sandbox, from: broken, for: "no error") { Self.orders($0)["error"] is NSNull }
      try sandbox.write("go", to: "control")

      #expect(copy.finish(within: 60).output.contains(" 20000 done"))
      let outcome = watch.finish(within: 60)
      #expect(outcome.status == 0, "\(outcome.all)")
      let lines = try Self.lines(sandbox.read("watch.jsonl"))
      let ticks = lines.filter { $0["type"] as? String == "tick" }
      #expect(lines.allSatisfy { $0["format"] as? String == "parity.watch/1" })
      #expect(ticks.map { $0["tick"] as? Int } == (1...ticks.count).map { $0 })
      // Ready at the third good tick in a row, and not before.
      #expect(ticks.map { $0["ready"] as? Bool == true }.lastIndex(of: false) == ticks.count - 2)
      #expect(ticks.suffix(3).map { $0["ready_ticks"] as? Int } == [1, 2, 3])
      for tick in ticks.suffix(3) {
        #expect(Self.orders(tick)["target_rows"] as? Int == 20_000)
        #expect((Self.orders(tick)["newest"] as? [String: Any])?["verdict"] as? String == "equal")
      }
      #expect(
        ticks.allSatisfy {
          $0["holds"] as? Bool == false || Self.orders($0)["target_rows"] as? Int == 20_000
        })
      #expect(lines.last?["end"] as? String == "ready")
      #expect(lines.last?["exit_code"] as? Int == 0)
      #expect(
        outcome.output.hasSuffix(
          "READY after \(ticks.count) ticks: 1 table good in 3 ticks in a row\n"),
        "\(outcome.output)")
      #expect(outcome.output.contains("STALLED: nothing has come for 2 ticks"))
      try marks(sandbox, standin, database, target)
    }

    /// Every kind of column that tells how far a side has come.
    private func marks(
      _ sandbox: Sandbox, _ standin: Standin, _ database: String, _ target: String
    ) throws {
      try Servers.psql(
        """
        CREATE TABLE marks (id int PRIMARY KEY, day date, wall timestamp, at timestamptz, doc jsonb);
        INSERT INTO marks SELECT n, date '2026-01-01' + n,
          timestamp '2026-01-01 00:00:00.000001' + n * interval '1 hour',
          timestamptz '2026-01-01 00:00:00.000001+02' + n * interval '1 hour', '{"a": 1.0}'
        FROM generate_series(1, 300) n;
        """, database: database)
      try standin.run(
        """
        CREATE TABLE \(target).PUBLIC.MARKS (ID NUMBER(10,0) PRIMARY KEY, DAY DATE, WALL TIMESTAMP_NTZ(6),
          AT TIMESTAMP_TZ(6), DOC VARIANT)
        """,
        """
        INSERT INTO \(target).PUBLIC.MARKS SELECT ID, DATEADD('day', ID, '2026-01-01'::DATE),
          DATEADD('hour', ID, '2026-01-01 00:00:00.000001'::TIMESTAMP_NTZ),
          DATEADD('hour', ID, '2025-12-31 22:00:00.000001 +00:00'::TIMESTAMP_TZ), PARSE_JSON('{"a":1.0}')
        FROM (SELECT ROW_NUMBER() OVER (ORDER BY ID) AS ID FROM \(target).PUBLIC.ORDERS) WHERE ID <= 290
        """)
      let spec = try #require(sandbox.read("shop.yml"))
      for (column, mark, behind) in [
        ("id", "290", 10.0), ("day", "2026-10-18", 864_000),
        ("wall", "2026-01-13T02:00:00.000001Z", 36_000),
        ("at", "2026-01-13T00:00:00.000001Z", 36_000),
      ] {
        try sandbox.write(
          spec.replacingOccurrences(of: "orders: updated_at", with: "marks: \(column)")
            .replacingOccurrences(of: "[orders]", with: "[marks]"), to: "marks.yml")
        let look = try sandbox.parity("watch", "--once", "--format", "jsonl", "marks.yml")
        #expect(look.status == 1, "\(look.all)")
        let table = Self.orders(try #require(try Self.lines(look.output).first))
        #expect(
          (table["high_water"] as? [String: Any])?["target"] as? String == mark, "\(look.all)")
        let lag = table["lag_seconds"] as? Double ?? table["lag_steps"] as? Double
        #expect(lag == behind, "\(look.all)")
        let newest = try #require(table["newest"] as? [String: Any])
        #expect(newest["verdict"] as? String == "equal", "\(look.all)")
        #expect(newest["rows"] as? Int == 100)
      }
    }

    /// A look at one table; what it says and how it ends.
    struct Look: Sendable, CustomTestStringConvertible {
      let tables: String
      var watch = ""
      var arguments: [String] = []
      let status: Int32
      let says: String

      var testDescription: String { "\(tables) \(watch) \(arguments) ends with \(status)" }
    }

    @Test(
      "one look (emulated)",
      arguments: [
        Look(tables: "[orders, customers]", status: 0, says: "GOOD in this tick: 2 tables\n"),
        Look(
          tables: "[orders, short]", status: 1, says: "NOT READY: short: 1 row behind; short: id"),
        Look(tables: "[changed]", status: 1, says: "changed: 1 row of the newest differs"),
        Look(
          tables: "[changed]", watch: "watch: { ready: { newest: skip } }", status: 0, says: "GOOD"),
        Look(
          tables: "{ changed: { checksum: skip } }", status: 0, says: "GOOD"),
        Look(tables: "[gone]", status: 3, says: "NOT READY: gone: gone is not in "),
        Look(
          tables: "[slowish]", status: 3,
          says: "slowish: no column tells how far it has come: name one"),
        Look(
          tables: "[slowish]", watch: "watch: { high_water: { slowish: none } }", status: 0,
          says: "GOOD"),
        Look(
          tables: "[customers]", watch: "watch: { high_water: { customers: email } }", status: 3,
          says: "not a moment, a day or a whole number"),
        Look(
          tables: "[orders, short]", arguments: ["--select", "table:orders"], status: 0,
          says: "GOOD in this tick: 1 table\n"),
        Look(
          tables: "[orders]", arguments: ["--select", "table:none"], status: 4,
          says: "fits no check"),
        Look(
          tables: "all", watch: "watch: { tables: [nothing] }", status: 2, says: "names `nothing`"),
        Look(
          tables: "[orders]", watch: "watch: { tables: [oders] }", status: 2,
          says: "did you mean `orders`?"),
        Look(tables: "[orders]", arguments: ["--every", "1ms"], status: 2, says: "100ms or more"),
      ])
    func once(_ look: Look) throws {
      let sandbox = try shop.get().sandbox(look.tables)
      try sandbox.write(try shop.get().spec(look.tables) + look.watch + "\n", to: "shop.yml")
      let outcome = try sandbox.start(["watch", "shop.yml", "--once"] + look.arguments).finish()
      #expect(outcome.status == look.status, "\(outcome.all)")
      #expect(outcome.all.contains(look.says), "\(outcome.all)")
    }

    @Test("a deadline that passes (emulated)")
    func deadline() throws {
      let sandbox = try shop.get().sandbox("[orders, short]")
      let late = try sandbox.parity("watch", "--every", "150ms", "--deadline", "3s", "shop.yml")
      #expect(late.status == 1, "\(late.all)")
      #expect(late.output.contains("DEADLINE passed, not ready: short: 1 row behind"))
      sandbox.environment["DATABASE_URL"] = "postgres://nobody@127.0.0.1:1/none"
      let lost = try sandbox.parity(
        "watch", "--every", "150ms", "--deadline", "2s", "--format", "jsonl", "shop.yml")
      #expect(lost.status == 3, "\(lost.all)")
      let lines = try Self.lines(lost.output)
      #expect(lines.last?["exit_code"] as? Int == 3)
      #expect((lines.first?["source"] as? [String: Any])?["error"] is String)
    }

    @Test("Ctrl-C ends it at once, and the last line says so (emulated)")
    func interrupted() throws {
      let sandbox = try shop.get().sandbox("[short]")
      let watch = try sandbox.start([
        "watch", "--every", "10m", "--jsonl", "watch.jsonl", "shop.yml",
      ])
      try wait(sandbox, for: "anything") { _ in true }
      watch.signal(SIGINT)
      let outcome = watch.finish()
      #expect(outcome.status == 130, "\(outcome.all)")
      #expect(outcome.output.contains("STOPPED after 1 tick, not ready: short: 1 row behind"))
      #expect(try Self.lines(sandbox.read("watch.jsonl")).last?["end"] as? String == "interrupted")
    }
  }
}
