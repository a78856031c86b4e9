import SpecCore

extension Sample {
  /// Every run that has golden files.
  static let all: [Sample] = [
    Sample(name: "passed", run: run([customers])),
    Sample(name: "mismatch", run: mismatch),
    Sample(name: "sensitive", run: sensitive),
    Sample(name: "warned", run: run([customers, pageViews], seconds: 9.99)),
    Sample(name: "warned-strict", run: run([customers, pageViews], strict: true)),
    Sample(name: "waived", run: waived),
    Sample(name: "waivers-failed", run: waiversFailed),
    Sample(name: "errors", run: errors),
    Sample(name: "connection-failed", run: connectionFailed),
    Sample(name: "interrupted", run: run([customers], interruption: .interrupt)),
    Sample(name: "skipped", run: skipped),
    Sample(name: "hostile", run: hostile),
    Sample(name: "nothing", run: run([], environment: nil, seconds: 0.4)),
    Sample(name: "retried", run: retried),
    Sample(name: "timings", run: timed),
    Sample(name: "many", run: many(suites: 10, cases: 30)),
  ]

  static let customers = suite(
    "shop.tables.customers",
    [
      counted("tables.customers"),
      result(
        "tables.customers", "columns", line: 13,
        Verdict(summary: "8 columns match", notes: ["email is VARCHAR(256), was text"])),
    ])

  static let pageViews = suite(
    "shop.tables.page_views",
    [
      result(
        "tables.page_views", "row_count", line: 52, severity: .warn, statements: counting,
        Verdict(
          summary: "48,210 → 48,190 (−0.04 %)", type: "row_count_mismatch",
          findings: ["20 rows fewer in the target, tolerated are 10"]))
    ], seconds: 0.3)

  private static let orderRows = RowDifferences(
    identical: 48_208, modified: 2, added: 0, removed: 1,
    columns: [.init(column: "total", rows: 2), .init(column: "placed_at", rows: 1)],
    keyColumns: ["id"],
    examples: [
      .init(
        kind: .modified, key: ["10402"],
        cells: [
          .init(column: "total", source: "1204.50", target: "1204.5000001", likely: "rounding"),
          .init(
            column: "placed_at", source: "2026-03-29 01:30:00+00", target: "2026-03-29 02:30:00Z",
            likely: "one hour: time zone"),
        ]),
      .init(
        kind: .modified, key: ["18811"],
        cells: [.init(column: "total", source: "89.90", target: "(null)")]),
      .init(kind: .removed, key: ["48211"]),
    ],
    likely: [
      "total is FLOAT in Snowflake, NUMERIC(12,2) in Postgres (see shop.tables.orders.columns)"
    ],
    sourceSQL: "SELECT id, total, placed_at FROM public.orders WHERE id IN (10402, 18811, 48211);",
    targetSQL: """
      SELECT ID, TOTAL, PLACED_AT
      FROM SHOP.PUBLIC.ORDERS AT (TIMESTAMP => '2026-11-23 03:01:47Z'::TIMESTAMP_TZ)
      WHERE ID IN (10402, 18811, 48211);
      """)

  private static let mismatch = run(
    [
      customers,
      suite(
        "shop.tables.orders",
        [
          result(
            "tables.orders", "checksum", seconds: 9.81,
            sentence: "Every row of orders holds the same values in both databases.",
            statements: counting,
            Verdict(
              summary: "2 of 48,210 rows differ; 1 row is missing in Snowflake",
              type: "checksum_mismatch",
              findings: ["2 rows are modified", "1 row is missing in Snowflake"],
              unchecked: [
                .init(
                  type: "not_comparable", reason: "payload is json here and OBJECT there",
                  remedy: "name the column in `without`, with a reason")
              ],
              rows: orderRows)),
          result(
            "tables.orders", "row_count", line: 30, statements: counting,
            Verdict(
              summary: "48,211 ≠ 48,210", type: "row_count_mismatch",
              findings: ["48,211 ≠ 48,210"])),
        ], seconds: 9.93),
    ],
    exceptions: [
      SpecException(
        subject: "shop.tables.orders.columns.legacy_flag", sentence: "not compared",
        because: "dropped on purpose, ticket 4711", range: range(40)),
      SpecException(
        subject: "shop.tables.page_views", sentence: "10 rows may be missing", because: nil,
        range: range(52)),
    ])

  private static func waiver(_ check: String, line: Int, ticket: String? = "OPS-123") -> Waiver? {
    CalendarDay("2027-01-31").map {
      Waiver(
        check: Located("shop.\(check)", at: range(line)),
        because: "the loader rounds until release 42", owner: "dan@example.com", expires: $0,
        ticket: ticket)
    }
  }

  /// The case that judges a waiver.
  private static func judged(_ check: String, line: Int, _ verdict: Verdict) -> CaseResult {
    var outcome = result(
      "waivers.x", "shop.\(check)", line: line, seconds: 0,
      sentence: "The waiver of shop.\(check) has not expired and is needed.", verdict)
    outcome.id = CheckID(spec: "shop", section: "waivers", object: "", check: "shop.\(check)")
    outcome.clause = ""
    outcome.tags = []
    return outcome
  }

  private static func exception(_ waiver: Waiver?) -> SpecException? {
    waiver.map {
      SpecException(
        subject: $0.check.value, sentence: "A failure of \($0.check.value) is waived \($0.terms).",
        because: $0.because, range: $0.range)
    }
  }

  private static let waived: RunResult = {
    let checksum = waiver("tables.orders.checksum", line: 70)
    let rowCount = waiver("tables.page_views.row_count", line: 75, ticket: nil)
    var views = Sample.pageViews
    views.cases[0].waiver = rowCount
    views.cases[0].outcome = .waived
    return run(
      [
        suite(
          "shop.waivers",
          [
            judged(
              "tables.orders.checksum", line: 70,
              Verdict(
                summary: "needed until 2027-01-31 by dan@example.com (OPS-123): "
                  + "shop.tables.orders.checksum: 2 of 48,210 rows differ",
                notes: ["because: the loader rounds until release 42"])),
            judged(
              "tables.page_views.row_count", line: 75,
              Verdict(
                summary: "needed until 2027-01-31 by dan@example.com: "
                  + "shop.tables.page_views.row_count: 48,210 → 48,190 (−0.04 %)")),
          ], seconds: 0), customers,
        suite(
          "shop.tables.orders",
          [
            result(
              "tables.orders", "checksum", waiver: checksum, seconds: 9.81, statements: counting,
              Verdict(
                summary: "2 of 48,210 rows differ; 1 row is missing in Snowflake",
                type: "checksum_mismatch",
                findings: ["2 rows are modified", "1 row is missing in Snowflake"],
                rows: orderRows)),
            result("tables.orders", "row_count", line: 30, Verdict(summary: "48,211 = 48,211")),
          ], seconds: 9.93), views,
      ],
      exceptions: [checksum, rowCount].compactMap(exception))
  }()

  private static let waiversFailed: RunResult = {
    let partly = waiver("tables.orders.checksum", line: 70)
    let expired = "expired: it counted until 2026-10-31 by dan@example.com, and the run began on "
    let unused = "not needed: shop.tables.customers.columns passed"
    let open = "shop.tables.orders.columns was not selected"
    return run(
      [
        suite(
          "shop.waivers",
          [
            judged(
              "tables.customers.row_count", line: 66,
              Verdict(
                summary: expired + "2026-11-23", type: "waiver_expired",
                findings: [expired + "2026-11-23"],
                notes: ["because: rows are late", "shop.tables.customers.row_count: passed, 1 = 1"])
            ),
            judged(
              "tables.customers.columns", line: 68,
              Verdict(summary: unused, type: "waiver_unused", findings: [unused])),
            judged("tables.orders.checksum", line: 70, Verdict(summary: "needed")),
            judged(
              "tables.orders.columns", line: 72,
              Verdict(
                summary: "whether it is needed is not known: \(open)",
                unchecked: [.init(type: "waiver_unjudged", reason: open)])),
          ], seconds: 0), customers,
        suite(
          "shop.tables.orders",
          [
            result(
              "tables.orders", "checksum", waiver: partly,
              Verdict(
                summary: "2 of 48,210 rows differ", type: "checksum_mismatch",
                findings: ["2 rows are modified"],
                unchecked: [
                  .init(
                    type: "not_comparable", reason: "payload is json here and OBJECT there",
                    remedy: "name the column in `without`, with a reason")
                ]))
          ]),
      ], exceptions: [partly].compactMap(exception))
  }()

  private static let sensitive = run([
    suite(
      "shop.tables.people",
      [
        result(
          "tables.people", "checksum",
          Verdict(
            summary: "1,203 of 90,000 rows differ", type: "checksum_mismatch",
            findings: ["1,203 rows are modified"],
            rows: RowDifferences(
              identical: 88_797, modified: 1_203, added: 12, removed: 0,
              columns: [.init(column: "email", rows: 1_203)], keyColumns: ["tenant", "ssn"],
              examples: [
                .init(
                  kind: .modified, key: ["7", "digest 5f1d2c9a"],
                  cells: [
                    .init(column: "email", source: "digest 81b0c4e7", target: "digest 0c4e781b")
                  ]),
                .init(kind: .added, key: ["7", "digest 11111111"]),
                .init(kind: .added, key: ["8", "digest 22222222"]),
              ])))
      ])
  ])

  private static let denied = DatabaseError(
    .permissionDenied, "permission denied for table orders",
    hint: "GRANT SELECT ON public.orders TO parity_reader;", code: "42501")

  private static let errors = run(
    [
      suite(
        "shop.security.roles",
        [
          result(
            "security.roles", "members.ANALYST", line: 60,
            Verdict(
              summary: "permission denied: SHOW GRANTS",
              unchecked: [
                .init(denied, on: .source),
                .init(
                  DatabaseError(.timeout, "statement reached its limit of 30 s"), on: .target),
              ]))
        ])
    ], environment: "production run")

  private static let connectionFailed = run(
    [],
    source: .failed(
      DatabaseError(
        .authenticationFailed, "password authentication failed for user \"parity\"",
        hint: "check the user and password in $DATABASE_URL", code: "28P01")),
    target: .notTried)

  private static let skipped = run([
    suite(
      "shop.sign_off.approvals",
      [
        result(
          "sign_off.approvals", "data_owner", line: 80, outcome: .skipped, seconds: 0,
          Verdict(summary: "awaiting the approval of data_owner"))
      ]),
    customers,
  ])

  private static let retried = run([
    suite(
      "shop.tables.orders",
      [
        result(
          "tables.orders", "row_count", line: 30, statements: counting,
          retries: [
            .init(DatabaseError(.connectionLost, "server closed the connection"), on: .source),
            .init(DatabaseError(.conflict, "could not serialize access", code: "40001")),
          ], Verdict(summary: "48,211 = 48,211")),
        result(
          "tables.orders", "checksum",
          retries: [.init(DatabaseError(.connectionLost, "server closed the connection"))],
          Verdict(
            summary: "the connection broke again",
            unchecked: [
              .init(DatabaseError(.connectionLost, "server closed the connection"), on: .target)
            ])),
      ])
  ])

  /// Text that breaks reports: controls, bidi marks, markup, colours, secrets, very long values.
  private static let hostile = run([
    suite(
      "shop.tables.notes & <more>",
      [
        result(
          "tables.notes", "checksum",
          sentence: "Notes \u{1B}[31mred\u{1B}[0m ]]> [[ATTACHMENT|/x]]",
          Verdict(
            summary: "9 of 10 rows differ\nand \u{7}ring\r\n<b>\"&\"</b> \u{202E}gnp.exe",
            type: "file",
            findings: [
              "see postgres://ada:hunter2secret@db/shop", "[31mnot red[0m", "tab\there\u{0}",
              "two\n  lines", "noncharacter \u{FFFF}, delete \u{7F}, next line \u{85}",
            ],
            notes: ["::error::not a command %0A"],
            rows: RowDifferences(
              identical: 1, modified: 9, added: 0, removed: 0,
              columns: [.init(column: "te\u{9}xt", rows: 9)], keyColumns: ["名前", "id"],
              examples: pairs.enumerated().map { number, pair in
                .init(
                  kind: .modified, key: ["東京", String(number)],
                  cells: [.init(column: "text", source: pair.0, target: pair.1)])
              },
              sourceSQL: "SELECT *\nFROM notes\n"))),
        result(
          "tables.notes", "checksum",
          Verdict(
            summary: String(repeating: "very long ", count: 200), type: "checksum_mismatch",
            findings: (1...60).map { "finding \($0)" } + [String(repeating: "x", count: 2_000)])),
        result(
          "tables.notes", "columns",
          Verdict(
            summary: "", type: "",
            findings: [
              String(repeating: "long ", count: 400), "##vso[task.setvariable]x",
              "first\n::add-mask::word\n  ::error file=a::b",
            ])),
      ])
  ])

  /// As many suites with as many cases, each third of which failed and each seventh had an error.
  static func many(suites: Int, cases: Int) -> RunResult {
    run(
      (1...suites).map { suite in
        let place = "tables.object_\(suite)"
        return Sample.suite(
          "shop.\(place)",
          (1...cases).map { number in
            result(
              place, "check_\(number)", line: number, sentence: "",
              Verdict(
                summary: "\(number) = \(number + 1)", findings: number % 3 == 0 ? ["differs"] : [],
                unchecked: number % 7 == 0 ? [.init(type: "timeout", reason: "too slow")] : []))
          })
      })
  }

  /// Values that look alike or have ends that cannot be seen.
  private static let pairs: [(String, String)] = [
    ("", "(null)"), ("Ada", "Ada "), ("line\nbreak", "line\\nbreak"),
    ("\u{E9}", "e\u{301}"), ("a\u{A0}b", "a b"), ("👩‍👩‍👧 family", "👩👩👧 family"),
    ("abc", "a\u{200B}bc"), ("日本語", "日本语"),
    (
      String(repeating: "same beginning, ", count: 20) + "then this",
      String(repeating: "same beginning, ", count: 20) + "then that, and more behind it"
    ),
  ]
}
