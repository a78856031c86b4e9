import SpecCore
import TestSupport
import Testing

/// Amounts, percentiles and statements as the section `performance` reads them.
@Suite struct PerformanceValueTests {
  @Test(arguments: [
    "select 1", "SELECT 1;", "select 1\r\n", "select doc->>'a', doc ->> 1, doc -> 'b' from t",
    " select 1 ;\n; ", "(select 1) union (select 2)",
    "with a as (select 1) select * from a", "-- why\nselect 1", "/* why */ select 'it''s; -- fine'",
    "select \"into\", t.into, 'delete' from t", "values (1)", "select 'x' /* delete from t */",
    "select SYSTEM$WAIT(1)", "select a - b, a / b from t where x in (1, 2)", "table orders",
    "select \"Order Items\".\"a;b\" from \"Order Items\"", "select count(*) from updates",
  ])
  func readOnly(_ sql: String) throws {
    let read = try ReadOnlySQL.read(sql).get()
    #expect(!read.text.isEmpty && read.text.last != ";" && read.text.last?.isWhitespace != true)
  }

  @Test(arguments: [
    ("", "no statement"), (" ; ", "no statement"), ("-- only", "no statement"),
    ("delete from t", "DELETE"), ("explain analyze select 1", "EXPLAIN"), ("call p()", "CALL"),
    ("(delete from t)", "DELETE"), ("[select 1]", "SELECT or WITH"),
    ("'select 1'", "SELECT or WITH"),
    ("select 1; select 2", "more than one"), ("select 1; -- more", "more than one"),
    ("with a as (delete from t returning *) select * from a", "DELETE"),
    ("with a as (select 1) insert into t select * from a", "INSERT"),
    ("with a as (select 1) update t set a = 1", "UPDATE"),
    ("with a as (select 1) merge into t using a on true", "MERGE"),
    ("select * into u from t", "INTO"), ("select * from t for update", "FOR UPDATE"),
    ("select * from t for no key update", "FOR NO"), ("select nextval('s')", "NEXTVAL"),
    ("select s.nextval", "NEXTVAL"), ("select pg_terminate_backend(1)", "pg_terminate_backend"),
    ("select SYSTEM$CANCEL_QUERY('x')", "system$cancel_query"),
    ("select lo_unlink(1)", "lo_unlink"),
    ("select pg_catalog.pg_cancel_backend (1)", "pg_cancel_backend"),
    ("select $1", "`$`"), ("select $$a$$", "`$`"), ("select 1 // 2", "`//`"),
    ("select 'a\\'", "backslash"), ("select 'a", "quotation"), ("select \"a", "quotation"),
    ("select (1", "not closed"), ("select 1)", "not opened"), ("select 1 /* a", "not closed"),
    ("select /* /* */ delete from t */ 1", "comment within a comment"),
    ("select 1 \u{0} ", "U+0000"), ("select 1 -- a\rdelete", "U+000D"),
    ("select '\u{202E}'", "U+202E"),
    ("select 1 ->> drop table t", "->>"), ("select 1->>(select 2)", "->>"),
    ("select getnextval(s)", "getnextval"),
    ("with p as procedure () returns int as 'drop table t' call p()", "PROCEDURE"),
  ])
  func refused(_ sql: String, _ words: String) {
    guard case .failure(let problem) = ReadOnlySQL.read(sql) else {
      Issue.record("`\(sql)` was let through")
      return
    }
    #expect(problem.words.contains(words), "\(problem.words)")
  }

  @Test(arguments: [
    ("500MB", 500_000_000, "500 MB"), ("1.5GB", 1_500_000_000, "1.5 GB"),
    ("64MiB", 67_108_864, "67.1 MB"),
    ("1kB", 1_000, "1 KB"), ("999B", 999, "999 bytes"), ("1B", 1, "1 byte"),
    ("2TB", 2_000_000_000_000, "2 TB"),
    ("0B", 0, "0 bytes"), ("1KiB", 1_024, "1.02 KB"),
  ])
  func byteCounts(_ text: String, _ bytes: Int, _ words: String) {
    #expect(ByteCount(text)?.bytes == bytes)
    #expect(ByteCount(bytes).words == words)
  }

  @Test(arguments: ["", "MB", "5", ".5MB", "5.MB", "-1MB", "5 MB", "5mb", "1e3MB", "99999999TB"])
  func noByteCount(_ text: String) { #expect(ByteCount(text) == nil) }

  @Test(arguments: [
    ("1x", 1.0, "1"), ("1.5x", 1.5, "1.5"), ("0.8x", 0.8, "0.8"), ("20x", 20, "20"),
  ])
  func factors(_ text: String, _ value: Double, _ words: String) {
    #expect(Factor(text)?.value == value)
    #expect(Factor(text)?.words == words)
  }

  @Test(arguments: ["", "x", "1", "0x", "0.0x", "-1x", ".5x", "1.x", "1 x", "1X", "0x1x"])
  func noFactor(_ text: String) { #expect(Factor(text) == nil) }

  @Test(arguments: [
    (0, "0 ms"), (0.000_123, "0.123 ms"), (0.000_999_9, "1 ms"), (0.012_34, "12.3 ms"),
    (0.8, "800 ms"),
    (0.999_4, "999 ms"), (0.999_6, "1 s"), (5, "5 s"), (1.234_5, "1.23 s"), (119.4, "119 s"),
    (120, "2 min"),
    (125.4, "2 min 5 s"),
  ])
  func spokenTimes(_ seconds: Double, _ words: String) {
    #expect(spoken(seconds: seconds) == words)
  }

  /// The nearest rank, against what the definition says: the least value that so many per cent of
  /// all do not exceed.
  @Test func percentiles() {
    #expect(percentile(95, of: []) == nil)
    for count in 1...60 {
      let values = (1...count).map(Double.init)
      for percent in [1, 50, 95, 99, 100] {
        let least = values.first { value in
          values.count { $0 <= value } * 100 >= percent * count
        }
        #expect(percentile(percent, of: values) == least, "\(percent) of \(count)")
      }
    }
    #expect(percentile(95, of: (1...20).map(Double.init)) == 19)
    #expect(percentile(50, of: [1, 2, 3, 4]) == 2)
  }

  @Test(arguments: [
    ("((customer_id = 42) AND ((status)::text = 'paid'::text))", ["customer_id", "status"]),
    ("(placed_at > '2026-01-01'::timestamp without time zone)", ["placed_at"]),
    ("((total >= 1.5) AND (o.id = 3))", ["id", "total"]),
    ("(lower(email) = 'x'::text)", ["email"]), ("(name ~~ 'a%'::text)", ["name"]),
    ("(kind = ANY ('{a,b}'::text[]))", ["kind"]), ("ORDERS.CUSTOMER_ID = 42", ["CUSTOMER_ID"]),
    ("(\"Order No\" = 1) AND (\"Order No\" IS NOT NULL)", ["Order No"]), ("true", []), ("", []),
    ("((price)::double precision < '5'::double precision)", ["price"]),
  ])
  func filterColumns(_ filter: String, _ names: [String]) {
    #expect(FilterColumns.names(in: filter) == names)
  }
}

/// Whether what was measured keeps a budget.
@Suite struct TimingJudgementTests {
  /// What a side measured: times in milliseconds by either clock.
  struct Measured: Sendable {
    var server: [Double]? = Array(repeating: 10, count: 20)
    var wire: [Double] = Array(repeating: 12, count: 20)
    var cold: (server: Double?, wire: Double?) = (50, nil)
    var rows = Array(repeating: 7, count: 20)
    var queued: [Double?] = Array(repeating: 0, count: 20)
    var scanned: [Int?] = Array(repeating: 1_000, count: 20)
    var spilled: [Int?] = Array(repeating: 0, count: 20)
    var evidence: [CostEvidence] = []
    var failure: DatabaseError?
    var untold: DatabaseError?
    var untoldOperators: DatabaseError?

    func timings(_ side: Side) -> SideTimings {
      let warm = wire.indices.map { number in
        TimingSample(
          wire: wire[number] / 1_000,
          cost: ExecutionCost(
            seconds: server.map { $0[number] / 1_000 }, queued: queued[number],
            scanned: scanned[number], spilled: spilled[number], evidence: evidence),
          rows: rows[number])
      }
      let first = TimingSample(
        wire: cold.wire.map { $0 / 1_000 },
        cost: ExecutionCost(
          seconds: cold.server.map { $0 / 1_000 },
          evidence: evidence.filter { if case .cached = $0 { true } else { false } }))
      return SideTimings(
        side: side, engine: side == .source ? "PostgreSQL" : "Snowflake", cold: first, warm: warm,
        failure: failure, untold: untold, untoldOperators: untoldOperators)
    }
  }

  private static func verdict(
    _ budget: String, target: Measured = Measured(), source: Measured? = nil
  ) throws -> Verdict {
    var migration = Migration()
    migration.head = "performance: { q: { sql: select 1, \(budget) } }"
    migration.target.timings = target.timings(.target)
    migration.source.timings = source?.timings(.source)
    let check = try #require(budget.split(separator: ":").first)
    return try migration.trace("performance.q.\(check)").verdict
  }

  /// Times from 1 to 20 milliseconds.
  private static let rising = (1...20).map(Double.init)

  @Test(arguments: [
    (
      "p50: 10ms", Outcome.passed,
      ["p50 10 ms of 20 runs by the server's clock (12 ms on the wire)"]
    ),
    ("p95: 19ms", .passed, ["p95 19 ms"]),
    ("p95: 18ms", .failed, ["95 of 100 runs should take at most 18 ms"]),
    ("max: 20ms", .passed, ["longest 20 ms"]), ("max: 19ms", .failed, ["every run should take"]),
    ("p50: 9ms", .failed, ["half of the runs"]),
    ("p50: 12ms, clock: wire", .passed, ["on the wire (10 ms by the server's clock)"]),
    ("p50: 11ms, clock: wire", .failed, ["on the wire"]),
    ("p50: 10ms, clock: server", .passed, ["by the server's clock"]),
  ])
  func times(_ budget: String, _ outcome: Outcome, _ words: [String]) throws {
    var measured = Measured()
    measured.server = Self.rising.shuffled()
    let verdict = try Self.verdict(budget, target: measured)
    #expect(verdict.outcome == outcome, "\(verdict)")
    let said = verdict.summary + verdict.findings.joined()
    for word in words { #expect(said.contains(word), "\(said)") }
    #expect(verdict.timings != nil)
    #expect(outcome == .passed || verdict.type == "too_slow")
  }

  @Test(
    "where the server is silent, the wire decides and it is said; `clock: server` cannot be checked"
  )
  func silent() throws {
    var measured = Measured()
    measured.server = nil
    measured.untold = DatabaseError(.permissionDenied, "no right", hint: "GRANT MONITOR")
    let verdict = try Self.verdict("p50: 15ms", target: measured)
    #expect(verdict.outcome == .passed)
    #expect(verdict.summary.contains("on the wire"))
    #expect(
      verdict.notes.contains { $0.contains("judged on the wire") && $0.contains("GRANT MONITOR") })
    let strict = try Self.verdict("p50: 15ms, clock: server", target: measured)
    #expect(strict.outcome == .errored)
    #expect(strict.unchecked.first?.remedy == "GRANT MONITOR")
    #expect(try Self.verdict("p50: 15ms, clock: wire", target: measured).notes.isEmpty)
  }

  @Test("too few runs for a percentile are told", arguments: [(3, true), (19, true), (20, false)])
  func few(_ runs: Int, _ isTold: Bool) throws {
    var measured = Measured()
    measured.server = (1...runs).map(Double.init)
    measured.wire = Array(repeating: 1, count: runs)
    let verdict = try Self.verdict("p95: 1s, runs: \(runs)", target: measured)
    #expect(verdict.outcome == .passed)
    #expect(verdict.notes.contains { $0.contains("the longest one") } == isTold, "\(verdict.notes)")
  }

  @Test("runs that were not measured never pass")
  func missing() throws {
    var measured = Measured()
    measured.wire.removeLast()
    measured.server?.removeLast()
    for budget in [
      "p50: 1s", "rows: 7", "scanned: 1GB", "spilled: none", "queued: none", "cold: 1s",
    ] {
      #expect(try Self.verdict(budget, target: measured).outcome == .errored, "\(budget)")
    }
    var empty = Measured()
    (empty.server, empty.wire) = ([], [])
    #expect(try Self.verdict("p50: 1s", target: empty).outcome == .errored)
    #expect(try Self.verdict("versus_source: 1x").outcome == .errored)
  }

  @Test("a run that fails is could not check, but what was seen to be too much stays so")
  func failing() throws {
    var measured = Measured()
    measured.failure = DatabaseError(.timeout, "too slow", code: "57014")
    measured.wire = [12, 3_000]
    measured.server = [10, 3_000]
    measured.scanned = [1_000, 9_000]
    for budget in [
      "p50: 5s", "max: 5s", "rows: 7", "scanned: 1GB", "spilled: none", "queued: none",
    ] {
      let verdict = try Self.verdict(budget, target: measured)
      #expect(verdict.outcome == .errored, "\(budget): \(verdict)")
      #expect(verdict.unchecked.first?.type == "timeout")
    }
    for budget in ["max: 2s", "rows: 8", "scanned: 8kB"] {
      let verdict = try Self.verdict(budget, target: measured)
      #expect(verdict.outcome == .failed, "\(budget): \(verdict)")
      #expect(!verdict.unchecked.isEmpty)
    }
  }

  @Test(arguments: [
    ("cold: 50ms", Outcome.passed), ("cold: 49ms", .failed), ("cold: 60ms, clock: wire", .errored),
  ])
  func cold(_ budget: String, _ outcome: Outcome) throws {
    let verdict = try Self.verdict(budget)
    #expect(verdict.outcome == outcome, "\(verdict)")
  }

  @Test("what the first run found in memory is told")
  func cached() throws {
    var measured = Measured()
    measured.evidence = [.cached(percent: 80)]
    #expect(try Self.verdict("cold: 1s", target: measured).notes.contains { $0.hasPrefix("80 %") })
  }

  @Test(arguments: [
    ("rows: 7", 7, Outcome.passed), ("rows: 8", 7, .failed), ("rows: { at_least: 7 }", 7, .passed),
    ("rows: { at_least: 8 }", 7, .failed), ("rows: 0", 0, .passed),
    ("rows: { at_least: 1 }", 0, .failed),
  ])
  func rows(_ budget: String, _ rows: Int, _ outcome: Outcome) throws {
    var measured = Measured()
    measured.rows = Array(repeating: rows, count: 20)
    #expect(try Self.verdict(budget, target: measured).outcome == outcome)
    // One run that differs is enough.
    measured.rows[13] = 70
    let verdict = try Self.verdict(budget, target: measured)
    #expect(budget.contains("at_least") || verdict.outcome == .failed)
    #expect(verdict.notes.contains { $0.contains("not all runs") })
  }

  @Test(arguments: [
    ("scanned: 1kB", Outcome.passed), ("scanned: 999B", .failed), ("spilled: none", .passed),
    ("spilled: 1MB", .passed), ("queued: none", .passed), ("queued: 1s", .passed),
  ])
  func resources(_ budget: String, _ outcome: Outcome) throws {
    #expect(try Self.verdict(budget).outcome == outcome)
    // One run more than allowed.
    var more = Measured()
    (more.scanned[3], more.spilled[3], more.queued[3]) = (5_000, 2_000_000, 1.5)
    let verdict = try Self.verdict(budget, target: more)
    #expect(verdict.outcome == .failed, "\(verdict)")
    // One run of which nothing is known.
    var less = Measured()
    (less.scanned[3], less.spilled[3], less.queued[3]) = (nil, nil, nil)
    less.untoldOperators = DatabaseError(.permissionDenied, "no right", hint: "GRANT MONITOR")
    let doubtful = try Self.verdict(budget, target: less)
    #expect(doubtful.outcome == (outcome == .failed ? .failed : .errored), "\(doubtful)")
    #expect(!budget.hasPrefix("spilled") || doubtful.unchecked.first?.remedy == "GRANT MONITOR")
  }

  @Test(arguments: [
    ("versus_source: 1x", 10.0, 10.0, Outcome.passed), ("versus_source: 1x", 10.1, 10, .failed),
    ("versus_source: 1.5x", 15, 10, .passed), ("versus_source: 0.5x", 6, 10, .failed),
  ])
  func versus(_ budget: String, _ target: Double, _ source: Double, _ outcome: Outcome) throws {
    var (one, other) = (Measured(), Measured())
    one.server = Array(repeating: target, count: 20)
    other.server = Array(repeating: source, count: 20)
    let verdict = try Self.verdict(budget, target: one, source: other)
    #expect(verdict.outcome == outcome, "\(verdict)")
    // Where one server is silent, both are judged on the wire.
    one.server = nil
    one.wire = Array(repeating: target, count: 20)
    other.wire = Array(repeating: source, count: 20)
    other.server = Array(repeating: 1, count: 20)
    let wired = try Self.verdict(budget, target: one, source: other)
    #expect(wired.outcome == outcome, "\(wired)")
    #expect(wired.summary.contains("on the wire"))
    other.failure = DatabaseError(.statementFailed, "no such table")
    #expect(try Self.verdict(budget, target: one, source: other).outcome == .errored)
  }

  @Test(
    "advice comes from evidence, the likeliest first",
    arguments: [
      (
        CostEvidence.sequentialScan(
          table: "orders", read: 100_000, kept: 3, columns: ["customer_id", "Total"]),
        "CREATE INDEX ON orders (customer_id, \"Total\")"
      ),
      (
        .unpruned(table: "SHOP.PUBLIC.ORDERS", scanned: 95, total: 100, columns: ["CUSTOMER_ID"]),
        "ALTER TABLE SHOP.PUBLIC.ORDERS CLUSTER BY (CUSTOMER_ID)"
      ),
      (.spill(operation: "the step Sort", bytes: 5_000_000), "a larger warehouse"),
      (
        .explodingJoin(condition: "(A.K = B.K)", input: 100, output: 1_000_000),
        "turns 100 rows into 1,000,000"
      ),
    ])
  func advice(_ evidence: CostEvidence, _ words: String) throws {
    var measured = Measured()
    measured.evidence = [evidence, .cached(percent: 10)]
    let verdict = try Self.verdict("p50: 1ms", target: measured)
    #expect(verdict.findings.count == 1 && verdict.findings[0].contains("; cure: "))
    #expect(verdict.findings[0].contains(words), "\(verdict.findings)")
    #expect(
      try Self.verdict("p50: 1s", target: measured).notes.isEmpty, "no advice where none is needed")
  }

  @Test("several causes: the others are notes")
  func severalCauses() throws {
    var measured = Measured()
    measured.queued = Array(repeating: 2, count: 20)
    measured.evidence = [
      .unpruned(table: "T", scanned: 95, total: 100, columns: []),
      .spill(operation: "the step Sort", bytes: 1),
      .spill(operation: "the step Join", bytes: 9),
    ]
    let verdict = try Self.verdict("queued: none", target: measured)
    #expect(verdict.findings[0].contains("the step Join wrote 9 bytes"))
    #expect(verdict.notes.count == 2, "\(verdict.notes)")
  }

  // MARK: What is asked

  @Test("all budgets make the same request, so that one measurement serves them all")
  func oneRequest() throws {
    var migration = Migration()
    migration.head =
      "performance: { q: { sql: select 1;, source_file: s.sql, p50: 1s, rows: 1, versus_source: 1x, "
      + "clients: 8, warmup: 2 } }"
    let files = FakeFiles(["s.sql": "select 2 -- here\n;\n"])
    let traces = try ["p50", "rows", "versus_source"].map {
      try migration.trace("performance.q.\($0)", files: files)
    }
    let requests = traces.flatMap(\.measured)
    #expect(requests.count == 3 && Set(requests).count == 1)
    let request = try #require(requests.first)
    #expect(request.statements == [.source: "select 2 -- here", .target: "select 1"])
    #expect(request.schemas == [.source: Migration.sourceSchema, .target: Migration.targetSchema])
    #expect((request.runs, request.warmup, request.clients) == (20, 2, 8))
  }

  @Test(
    "one side is measured where one is asked for",
    arguments: [
      ("sql: select 1, p50: 1s", [Side.target]),
      ("sql: select 1, p50: 1s, side: source", [.source]),
      ("source_sql: select 1, p50: 1s, side: source", [.source]),
      ("sql: select 1, versus_source: 1x", [.source, .target]),
    ])
  func sides(_ query: String, _ sides: [Side]) throws {
    var migration = Migration()
    migration.head = "performance: { q: { \(query) } }"
    let check = query.contains("versus") ? "versus_source" : "p50"
    let request = try #require(try migration.trace("performance.q.\(check)").measured.first)
    #expect(request.statements.keys.sorted() == sides)
    #expect(request.schemas.keys.sorted() == sides)
  }

  @Test(
    "a file that is missing or does not only read cannot be checked",
    arguments: [
      ("b.sql", "select 1", "missing_file"), ("a.sql", "drop table t", "not_read_only"),
      ("a.sql", " ", "not_read_only"),
    ])
  func files(_ path: String, _ text: String, _ type: String) throws {
    var migration = Migration()
    migration.head = "performance: { q: { sql_file: a.sql, p50: 1s } }"
    let trace = try migration.trace("performance.q.p50", files: FakeFiles([path: text]))
    #expect(trace.verdict.outcome == .errored && trace.measured.isEmpty)
    #expect(trace.verdict.unchecked.first?.type == type)
  }
}
