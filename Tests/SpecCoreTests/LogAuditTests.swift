import SpecCore
import TestSupport
import Testing

/// What an exported log of Postgres tells, and when its silence tells nothing.
@Suite struct LogAuditTests {
  static let readAt = Timestamp(utc: "2026-11-27T12:00Z")

  /// A line of Postgres as `heroku logs` prints it, at 10 o'clock and so many minutes.
  static func line(
    _ minute: Int, _ text: String, code: String = "00000", number: String = "7-1",
    fields: String = ""
  ) -> String {
    let time = "2026-11-27T10:\(minute < 10 ? "0" : "")\(minute):00+00:00"
    return "\(time) app[postgres.123]: [DATABASE] [\(number)]  sql_error_code = \(code) "
      + "\(fields)\(text)"
  }

  /// One message of each hour of the window: the database spoke all the time.
  static let pulse = (0..<24).map { hour in
    let day =
      hour < 12 ? "2026-11-26T\(hour + 12)" : "2026-11-27T\(hour < 22 ? "0" : "")\(hour - 12)"
    return "\(day):30:00+00:00 app[postgres.9]: [DATABASE] [\(hour)-1]  sql_error_code = 00000 "
      + "LOG:  checkpoint starting: time"
  }

  static let statement = line(1, "LOG:  statement: COMMENT ON DATABASE shop IS 'x'", number: "1-1")
  static let reading = line(2, "LOG:  statement: SELECT 1", number: "2-1")
  static let authorized = line(
    3, "LOG:  connection authorized: user=app database=shop SSL enabled (protocol=TLSv1.3)",
    number: "3-1")

  static func failed(_ minute: Int, _ user: String = "bob", from address: String = "203.0.113.9")
    -> String
  {
    line(
      minute, "FATAL:  password authentication failed for user \"\(user)\"", code: "28P01",
      number: "\(minute + 100)-1",
      fields: "pid=\"\(minute)\" connection_source=\"\(address)(5\(minute))\" user=\"\(user)\" ")
  }

  static func verdict(
    _ expectation: String, _ text: String, since: String = "1d", until: String? = nil,
    path: String = "logs/a.log", gap: String = ""
  ) throws -> Verdict {
    var migration = Migration()
    let end = until.map { ", until: \($0)" } ?? ""
    migration.head =
      "security: { audit: { since: \(since)\(end), source: { log: logs/a.log, \(gap)\(expectation) } } }"
    let check = try #require(expectation.split(separator: ":").first)
    return try Migration.trace(
      migration.step("security.audit.source.\(check)").check, source: migration.source,
      target: migration.target, files: FakeFiles([path: text]), readAt: readAt
    ).verdict
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let expectation: String
    let lines: [String]
    let outcome: Outcome
    var words: [String] = []

    var testDescription: String { name }
  }

  private static let bob = (0..<6).map { failed($0) }

  static let cases: [Case] = [
    Case(name: "nobody failed", expectation: "failed_logins: none", lines: [], outcome: .passed),
    Case(
      name: "one wrong password", expectation: "failed_logins: none", lines: [failed(1)],
      outcome: .failed,
      words: [
        "bob failed to log in once from 203.0.113.9, at 2026-11-27T10:01:00Z (wrong password)",
        "cure: ",
      ]),
    Case(
      name: "as many as are accepted", expectation: "failed_logins: { max: 6 }", lines: bob,
      outcome: .passed),
    Case(
      name: "one more", expectation: "failed_logins: { max: 5 }", lines: bob, outcome: .failed,
      words: ["bob failed to log in 6 times from 203.0.113.9"]),
    Case(
      name: "excused", expectation: "failed_logins: { except: { bob: a scanner of ours } }",
      lines: bob, outcome: .passed, words: ["excused: bob (6)"]),
    Case(
      name: "a burst", expectation: "failed_logins: { max: 5, within: 10m }", lines: bob,
      outcome: .failed, words: ["more than 5 within 10m, first at 2026-11-27T10:00:00Z"]),
    Case(
      name: "spread out", expectation: "failed_logins: { max: 5, within: 3m }", lines: bob,
      outcome: .passed),
    Case(
      name: "many users from one address", expectation: "failed_logins: { max: 5, within: 10m }",
      lines: (0..<6).map { failed($0, "user\($0)") }, outcome: .failed,
      words: ["logins from 203.0.113.9 failed 6 times as 6 users"]),
    Case(
      name: "one user from many addresses", expectation: "failed_logins: { max: 5, within: 10m }",
      lines: (0..<6).map { failed($0, from: "203.0.113.\($0)") }, outcome: .failed,
      words: ["bob failed to log in 6 times from 6 addresses"]),
    Case(
      name: "a host that may not come in", expectation: "failed_logins: none",
      lines: [
        line(
          1,
          "FATAL:  no pg_hba.conf entry for host \"198.51.100.7\", user \"eve\", database \"shop\", no encryption",
          code: "28000")
      ], outcome: .failed,
      words: ["eve failed to log in once from 198.51.100.7", "not let in without TLS"]),
    Case(
      name: "a role that is not there", expectation: "failed_logins: none",
      lines: [line(1, "FATAL:  role \"ghost\" does not exist", code: "28000")], outcome: .failed,
      words: ["ghost failed to log in", "there is no such role"]),
    Case(
      name: "the application's own words about a failure are not the server's",
      expectation: "failed_logins: none",
      lines: [
        "2026-11-27T10:00:00+00:00 app[web.1]: PG::ConnectionBad: FATAL:  password authentication failed for user \"bob\""
      ], outcome: .passed),
    Case(
      name: "in after a burst", expectation: "logins_after_failures: none",
      lines: bob + [
        line(
          9, "LOG:  connection authorized: user=bob database=shop SSL enabled (protocol=TLSv1.3)",
          number: "9-1", fields: "connection_source=\"203.0.113.9(5)\" ")
      ], outcome: .failed,
      words: ["bob logged in once from 203.0.113.9, at 2026-11-27T10:09:00Z, after 5 or more"]),
    Case(
      name: "in after few failures", expectation: "logins_after_failures: { failures: 7 }",
      lines: bob + [
        line(
          9, "LOG:  connection authorized: user=bob database=shop SSL enabled (x)", number: "9-1")
      ], outcome: .passed),
    Case(
      name: "in long after", expectation: "logins_after_failures: { within: 3m }",
      lines: bob + [
        line(
          9, "LOG:  connection authorized: user=bob database=shop SSL enabled (x)", number: "9-1")
      ], outcome: .passed),
    Case(
      name: "no login is logged", expectation: "logins_after_failures: none", lines: bob,
      outcome: .errored, words: ["log-connections"]),
    Case(
      name: "without TLS", expectation: "unencrypted_logins: none",
      lines: [
        line(
          5, "LOG:  connection authorized: user=app database=shop application_name=x",
          fields: "connection_source=\"198.51.100.7(1)\" ")
      ], outcome: .failed, words: ["app logged in once without TLS from 198.51.100.7"]),
    Case(
      name: "with TLS", expectation: "unencrypted_logins: none", lines: [authorized],
      outcome: .passed),
    Case(
      name: "on the server itself", expectation: "unencrypted_logins: none",
      lines: [
        line(
          5, "LOG:  connection authorized: user=postgres database=shop",
          fields: "connection_source=\"[local]\" ")
      ], outcome: .passed, words: ["left out: 1 login from the server's own machine"]),
    Case(
      name: "connections are not logged", expectation: "unencrypted_logins: none", lines: [],
      outcome: .errored, words: ["heroku pg:settings:log-connections"]),
    Case(
      name: "refused", expectation: "permission_denied: none",
      lines: [
        line(
          1, "ERROR:  permission denied for table customers", code: "42501",
          fields: "user=\"eve\" database=\"shop\" ")
      ], outcome: .failed, words: ["eve was refused once", "permission denied for table customers"]),
    Case(
      name: "another error", expectation: "permission_denied: none",
      lines: [line(1, "ERROR:  relation \"x\" does not exist", code: "42P01")], outcome: .passed),
    Case(
      name: "a grant", expectation: "grants: none",
      lines: [
        line(
          1, "LOG:  statement: GRANT SELECT ON public.orders TO eve;", fields: "user=\"bob\" ")
      ], outcome: .failed, words: ["bob ran GRANT SELECT ON public.orders TO eve once"]),
    Case(
      name: "a grant within a transaction", expectation: "grants: none",
      lines: [line(1, "LOG:  statement: BEGIN; /* x */ grant admin to eve; COMMIT")],
      outcome: .failed, words: ["grant admin to eve"]),
    Case(
      name: "a grant by the extended protocol", expectation: "grants: none",
      lines: [line(1, "LOG:  execute <unnamed>: GRANT admin TO eve")], outcome: .failed,
      words: ["GRANT admin TO eve"]),
    Case(
      name: "a slow grant", expectation: "grants: none",
      lines: [statement, line(1, "LOG:  duration: 2405.887 ms  statement: GRANT admin TO eve")],
      outcome: .failed, words: ["GRANT admin TO eve"]),
    Case(
      name: "a grant over two lines", expectation: "grants_to_public: none",
      lines: [
        line(1, "LOG:  statement: GRANT SELECT"),
        "2026-11-27T10:01:00+00:00 app[postgres.123]: [DATABASE] [7-2] #011ON orders TO PUBLIC",
      ], outcome: .failed, words: ["GRANT SELECT ON orders TO PUBLIC"]),
    Case(
      name: "the schema public is not PUBLIC", expectation: "grants_to_public: none",
      lines: [line(1, "LOG:  statement: GRANT USAGE ON SCHEMA public TO eve")], outcome: .passed),
    Case(
      name: "a role called \"PUBLIC\" is not PUBLIC", expectation: "grants_to_public: none",
      lines: [line(1, "LOG:  statement: GRANT SELECT ON orders TO \"PUBLIC\"")], outcome: .passed),
    Case(
      name: "default privileges", expectation: "grants_to_public: none",
      lines: [
        line(
          1,
          "LOG:  statement: ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO eve, PUBLIC"
        )
      ], outcome: .failed, words: ["ALTER DEFAULT PRIVILEGES"]),
    Case(
      name: "words in a literal are no statement", expectation: "grants: none",
      lines: [
        line(1, "LOG:  statement: INSERT INTO t VALUES ('; GRANT admin TO eve;')"),
        line(2, "LOG:  statement: SELECT $q$; GRANT admin TO eve; $q$ -- ; GRANT x TO y"),
      ], outcome: .passed),
    Case(
      name: "a failed statement gave nothing", expectation: "grants: none",
      lines: [
        statement, line(1, "ERROR:  syntax error", code: "42601"),
        line(1, "STATEMENT:  GRANT admin TO eve", code: "42601", number: "7-2"),
      ], outcome: .passed),
    Case(
      name: "statements are not logged", expectation: "grants: none",
      lines: [line(1, "LOG:  duration: 2405.887 ms  statement: SELECT pg_sleep(3)")],
      outcome: .errored, words: ["heroku pg:settings:log-statement ddl"]),
    Case(
      name: "a role", expectation: "role_changes: none",
      lines: [line(1, "LOG:  statement: ALTER ROLE eve WITH SUPERUSER PASSWORD 'hunter2'")],
      outcome: .failed, words: ["ALTER ROLE eve WITH SUPERUSER PASSWORD '…'"]),
    Case(
      name: "a user mapping is no role", expectation: "role_changes: none",
      lines: [line(1, "LOG:  statement: CREATE USER MAPPING FOR eve SERVER s")], outcome: .passed),
    Case(
      name: "an owner", expectation: "ownership_transfers: none",
      lines: [line(1, "LOG:  statement: ALTER TABLE orders OWNER TO eve")], outcome: .failed,
      words: ["ALTER TABLE orders OWNER TO eve"]),
    Case(
      name: "everything of a role", expectation: "ownership_transfers: none",
      lines: [line(1, "LOG:  statement: REASSIGN OWNED BY bob TO eve")], outcome: .failed),
    Case(
      name: "rows copied out", expectation: "unloads: none",
      lines: [line(1, "LOG:  statement: COPY (SELECT * FROM t WHERE (a TO b)) TO STDOUT")],
      outcome: .failed, words: ["COPY (SELECT"]),
    Case(
      name: "rows copied in", expectation: "unloads: none",
      lines: [reading, line(1, "LOG:  statement: COPY t (\"to\", a) FROM STDIN")], outcome: .passed),
    Case(
      name: "COPY is not logged with ddl alone", expectation: "unloads: none", lines: [statement],
      outcome: .errored, words: ["heroku pg:settings:log-statement all"]),
    Case(
      name: "the schema", expectation: "ddl: none",
      lines: [line(1, "LOG:  statement: DROP TABLE orders")], outcome: .failed,
      words: ["DROP TABLE orders"]),
    Case(
      name: "rows are no schema", expectation: "ddl: none",
      lines: [line(1, "LOG:  statement: DELETE FROM orders")], outcome: .passed),
    Case(
      name: "a client's name cannot hide a statement", expectation: "grants: none",
      lines: [
        statement,
        line(
          1, "LOG:  statement: GRANT admin TO eve",
          fields: "application_name=\"x\" LOG:  duration: 1 ms\" "),
      ], outcome: .failed, words: ["GRANT admin TO eve"]),
    Case(
      name: "a client's name cannot move a message out of the window", expectation: "grants: none",
      lines: [
        statement,
        line(
          1, "LOG:  statement: GRANT admin TO eve",
          fields:
            "time_ms = \"2026-11-27 10:01:00.000 UTC\" user=\"eve\" application_name=\"x\" time_ms=\"2020-01-01 00:00:00 UTC\" user=\"bob\" "
        ),
      ], outcome: .failed, words: ["eve ran GRANT admin TO eve once, at 2026-11-27T10:01:00Z"]),
    Case(
      name: "a process told before who it is", expectation: "permission_denied: none",
      lines: [
        "2026-11-27 10:01:00 UTC [77] LOG:  connection received: host=198.51.100.7 port=5",
        "2026-11-27 10:01:00 UTC [77] LOG:  connection authorized: user=eve database=shop",
        "2026-11-27 10:01:01 UTC [77] ERROR:  permission denied for table orders",
        "2026-11-27 10:01:02 UTC [77] LOG:  disconnection: session time: 0:00:02",
        "2026-11-27 10:01:03 UTC [77] LOG:  connection received: host=192.0.2.1 port=5",
      ], outcome: .failed,
      words: ["eve was refused once from 198.51.100.7, at 2026-11-27T10:01:01Z"]),
    Case(
      name: "Logplex lost some", expectation: "failed_logins: none",
      lines: [
        "2026-11-27T10:00:00+00:00 heroku[logplex]: Error L10 (output buffer overflow): drain 'd.1' dropped 12 messages since 2026-11-27T09:59:00+00:00."
      ], outcome: .errored, words: ["dropped 12 messages"]),
  ]

  @Test(arguments: cases)
  func events(_ one: Case) throws {
    let verdict = try Self.verdict(
      one.expectation, (Self.pulse + one.lines).joined(separator: "\n") + "\n")
    #expect(verdict.outcome == one.outcome, "\(verdict)")
    let said = verdict.findings + verdict.unchecked.map { "\($0.reason) \($0.remedy ?? "")" }
    let all = (said + verdict.notes).joined(separator: "\n")
    for words in one.words { #expect(all.contains(words), "\(words)\n\(all)") }
    #expect(!all.contains("hunter2"))
    if one.outcome == .failed { #expect(verdict.findings.allSatisfy { $0.contains("; cure: ") }) }
  }

  /// The same event in each form in which logs are exported.
  @Test(arguments: [
    "2026-11-27T10:01:00.123456+00:00 app[postgres.1]: [BLUE] [3-1]  sql_error_code = 28P01 FATAL:  password authentication failed for user \"bob\"",
    "2026-11-27T10:01:00+00:00 app[postgres]: [12-1] u8akd9 [BRONZE] FATAL:  password authentication failed for user \"bob\"",
    "190 <134>1 2026-11-27T10:01:00+00:00 host app postgres.1 - [BLUE] [3-1]  sql_error_code = 28P01 FATAL:  password authentication failed for user \"bob\"",
    "<134>1 2026-11-27T10:01:00+00:00 d.12-ab app postgres.1 - - [BLUE] [3-1]  sql_error_code = 28P01 FATAL:  password authentication failed for user \"bob\"",
    "7\t2026-11-27T10:01:00Z\t2026-11-27T10:01:01Z\t5\tshop\t1.2.3.4\tLocal0\tInfo\tapp/postgres.1\t[BLUE] [3-1]  sql_error_code = 28P01 FATAL:  password authentication failed for user \"bob\"",
    "Nov 27 10:01:00 shop app/postgres.1: [BLUE] [3-1]  sql_error_code = 28P01 time_ms = \"2026-11-27 10:01:00.789 UTC\" pid=\"12\" FATAL:  password authentication failed for user \"bob\"",
    "2026-11-27 10:01:00.123 UTC [4711] bob@shop FATAL:  password authentication failed for user \"bob\"",
    "2026-11-27 11:01:00 +0100 [4711]: FATAL:  password authentication failed for user \"bob\"",
    "2026-11-27 10:01:00.123 GMT [4711] FATAL:  password authentication failed for user \"bob\"",
  ])
  func forms(_ text: String) throws {
    for ending in ["\n", "\r\n", ""] {
      let verdict = try Self.verdict(
        "failed_logins: none", Self.pulse.joined(separator: "\n") + "\n" + text + ending)
      #expect(verdict.outcome == .failed, "\(verdict)")
      #expect(verdict.findings.count == 1)
      #expect(
        verdict.findings.first?.hasPrefix(
          "bob failed to log in once, at 2026-11-27T10:01:00Z (wrong password)") == true,
        "\(verdict.findings)")
    }
  }

  /// Frames of a drain follow each other without a line break.
  @Test func frames() throws {
    let frames = (0..<3).map { minute in
      let frame =
        "<134>1 2026-11-27T10:0\(minute):00+00:00 host app postgres.1 - [BLUE] [\(minute)-1]  "
        + "sql_error_code = 28P01 FATAL:  password authentication failed for user \"böb\""
      return "\(frame.utf8.count) \(frame)"
    }
    let verdict = try Self.verdict(
      "failed_logins: none", Self.pulse.joined(separator: "\n") + "\n" + frames.joined())
    #expect(verdict.findings.first?.hasPrefix("böb failed to log in 3 times") == true, "\(verdict)")
  }

  /// Logs whose silence shows nothing.
  static let silent: [(String, String, String)] = [
    ("an empty file", "", "no line of the log is a message of Postgres"),
    (
      "another program's log", "2026-11-27T10:00:00+00:00 app[web.1]: hello\nworld\n",
      "no line of the log is a message of Postgres"
    ),
    (
      "last month's log", pulse.joined(separator: "\n").replacing("2026-11-2", with: "2026-10-2"),
      "no message of Postgres in the log is of the time"
    ),
    (
      "the last hours only", pulse.suffix(5).joined(separator: "\n"), "no line of the database for"
    ),
    (
      "all but the last hours", pulse.prefix(5).joined(separator: "\n"),
      "no line of the database for"
    ),
    (
      "a zone that nobody knows",
      (pulse + [
        "2026-11-27 10:01:00.123 XYZ [4711] FATAL:  password authentication failed for user \"bob\""
      ])
      .joined(separator: "\n"), "bear no time with a zone that is known"
    ),
  ]

  @Test(arguments: silent.indices)
  func silence(_ index: Int) throws {
    let (name, text, words) = Self.silent[index]
    let verdict = try Self.verdict("failed_logins: none", text, gap: "max_gap: 8h, ")
    #expect(verdict.outcome == .errored, "\(name): \(verdict)")
    #expect(verdict.unchecked.contains { $0.reason.contains(words) }, "\(name): \(verdict)")
  }

  @Test func missingFile() throws {
    let verdict = try Self.verdict("failed_logins: none", "x", path: "other.log")
    #expect(verdict.outcome == .errored)
    #expect(verdict.unchecked.first?.type == "missing_file")
  }

  /// What was not in the window does not count.
  @Test(
    arguments: [
      ("3h", nil, Outcome.failed), ("1h", nil, .errored), ("1d", "118m", .failed),
      ("1d", "2h", .passed), ("2026-11-27T10:01Z", nil, .failed),
      ("2026-11-27T10:02Z", nil, .passed), ("2026-11-27", "2026-11-27T10:01Z", .passed),
      ("2026-11-28", nil, .errored),
    ] as [(String, String?, Outcome)])
  func window(_ since: String, _ until: String?, _ outcome: Outcome) throws {
    // Nothing is logged in the last hour before the run but at half past.
    let lines = Self.pulse.dropLast(since == "1h" ? 1 : 0) + [Self.failed(1)]
    let verdict = try Self.verdict(
      "failed_logins: none", lines.joined(separator: "\n"), since: since, until: until)
    #expect(verdict.outcome == outcome, "\(since) \(until ?? ""): \(verdict)")
  }

  /// Whatever stands in a log, reading it ends, and a burst that is there is found.
  @Test(arguments: 0..<60)
  func fuzz(_ seed: Int) throws {
    var dice = Dice(seed: seed)
    let pieces = [
      "[", "]", "app[postgres.1]: ", "sql_error_code = ", "\"", "FATAL:  ", "LOG:  statement: ",
      "GRANT ", "$$", "'", "/*", "*/", "--", "\t", " ", "999999999 <134>1 ", "5 <1>1 ", "\r",
      "2026-11-27T10:00:00+00:00", "2026-13-99 99:99:99 UTC", "é", "\u{0}", "TO PUBLIC", "=",
      "pid=\"", "(", ")", "E'\\", "U&'", ";", "Error L10", " messages", "dropped",
    ]
    let garbage = (0..<200).map { _ in
      (0..<dice.roll(12)).map { _ in dice.pick(pieces) }.joined()
    }
    let lines = (Self.pulse + garbage).shuffled(using: &dice)
    for expectation in ["failed_logins: none", "grants: none", "role_changes: none"] {
      _ = try Self.verdict(expectation, lines.joined(separator: "\n"))
    }
    let planted = (lines + Self.bob).joined(separator: "\n")
    let verdict = try Self.verdict("failed_logins: { max: 5, within: 10m }", planted)
    #expect(verdict.outcome == .failed, "seed \(seed)")
  }

  /// Whatever a literal holds, it is not shown, and it hides no statement behind it.
  @Test(arguments: 0..<40)
  func literals(_ seed: Int) throws {
    var dice = Dice(seed: seed)
    let pieces = ["''", "x", "\"", "--", "/*", "*/", ";", "GRANT a TO b", " ", "$$", "\\"]
    let secret = "secret\(seed)" + (0..<dice.roll(6)).map { _ in dice.pick(pieces) }.joined()
    let (open, close) = dice.pick([("'", "'"), ("$p$", "$p$"), ("E'", "'"), ("U&'", "'")])
    let inner = open == "E'" ? secret.replacing("\\", with: "\\\\") : secret
    let text =
      "LOG:  statement: ALTER ROLE eve PASSWORD \(open)\(inner)\(close); GRANT admin TO eve"
    let lines = Self.pulse + [Self.line(1, text)]
    for (expectation, words) in [
      ("role_changes: none", "ALTER ROLE eve PASSWORD '…'"), ("grants: none", "GRANT admin TO eve"),
    ] {
      let verdict = try Self.verdict(expectation, lines.joined(separator: "\n"))
      #expect(verdict.findings.contains { $0.contains(words) }, "\(text)\n\(verdict)")
      #expect(!"\(verdict)".contains("secret\(seed)"), "\(text)")
    }
  }
}
