import Diagnostics
import Foundation
import Reporting
import SpecCore
import Testing

/// A stored result read again: nothing is lost, and nothing that contradicts itself is believed.
@Suite struct StoredTests {
  private static func expectSame(
    _ run: RunResult, _ name: String, location: SourceLocation = #_sourceLocation
  ) throws {
    let stored = JSONReporter.json.render(run)
    let read = try ResultReader().read(stored)
    #expect(JSONReporter.json.render(read) == stored, "\(name)", sourceLocation: location)
    for profile in JUnitProfile.allCases {
      let reporter = JUnitReporter(profile: profile)
      #expect(reporter.render(read) == reporter.render(run), "\(name)", sourceLocation: location)
    }
    let text = TextReporter()
    #expect(text.render(read) == text.render(run), "\(name)", sourceLocation: location)
    let page = HTMLReporter(spec: HTMLTests.spec)
    #expect(page.render(read) == page.render(run), "\(name)", sourceLocation: location)
    #expect(MetricsReporter().render(read) == MetricsReporter().render(run))
    #expect(MarkdownReporter().render(read) == MarkdownReporter().render(run))
  }

  @Test(arguments: Sample.all) func sampleIsTheSame(_ sample: Sample) throws {
    try Self.expectSame(sample.run, sample.name)
  }

  @Test(arguments: 0..<20) func randomRunIsTheSame(_ seed: UInt64) throws {
    var random = RandomRun(seed: seed)
    try Self.expectSame(random.run(), "seed \(seed)")
  }

  // MARK: What is refused

  static let passed = JSONReporter.json.render(
    Sample.all.first { $0.name == "mismatch" }.map(\.run) ?? Sample.run([]))

  @Test(arguments: [
    ("\"format\": \"parity.run/1\"", "\"format\": \"parity.run/2\"", ".format"),
    ("\"conclusion\": \"failed\"", "\"conclusion\": \"passed\"", ".conclusion"),
    ("\"failed\": 2", "\"failed\": 0", ".counts.failed"),
    ("\"outcome\": \"failed\"", "\"outcome\": \"passed\"", ".counts.passed"),
    ("\"outcome\": \"failed\"", "\"outcome\": \"perhaps\"", ".cases[2].outcome"),
    ("\"fails_run\": true", "\"fails_run\": false", ".cases[2].fails_run"),
    ("\"severity\": \"error\"", "\"severity\": \"loud\"", ".cases[0].severity"),
    ("\"read_at\": \"2026", "\"read_at\": \"yesterday 2026", ".source.read_at"),
    ("\"status\": \"connected\"", "\"status\": \"perhaps\"", ".source.status"),
    ("\"strict\": false", "\"strict\": 0", ".strict"),
    ("\"run_id\"", "\"run_name\"", "."),
    ("\"seconds\": 123.0", "\"seconds\": 1.0", ".seconds"),
    ("\"kind\": \"modified\"", "\"kind\": \"odd\"", ".cases[2].rows.examples[0].kind"),
    ("\"cases\": 2", "\"cases\": 7", ".suites[0].cases"),
    ("\"cases\": 2", "\"cases\": 1", ".cases[1]"),
    ("server verified", "server trusted", ".source.encryption"),
    ("{", "{{", "."),
  ])
  func refuses(_ part: String, _ other: String, _ path: String) throws {
    let range = try #require(Self.passed.range(of: part))
    let text = Self.passed.replacingCharacters(in: range, with: other)
    let error = #expect(throws: ResultReadError.self) { try ResultReader().read(text) }
    #expect(error?.path == path, "\(error.map(\.description) ?? "")")
  }

  @Test func ignoresWhatItDoesNotKnow() throws {
    let text = Self.passed.replacing("\"strict\": false,", with: "\"strict\": false, \"new\": {},")
    _ = try ResultReader().read(text)
  }

  /// A bundle of an earlier version has no member for what was added since.
  @Test func readsEarlierDocuments() throws {
    let text = Self.passed.replacing("  \"command\": null,\n", with: "")
      .replacing("  \"asked\": [],\n", with: "").replacing("  \"sign_off\": null,\n", with: "")
    #expect(try ResultReader().read(text).asked.isEmpty)
  }
}

/// Runs of every shape, the same for the same seed; times are whole microseconds, as stored.
///
/// Secrets are not among the words: what is stored holds none, so it may show less than the run.
struct RandomRun {
  private var random: SplitMix

  init(seed: UInt64) { random = SplitMix(state: seed) }

  private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var word = state
      word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
      word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
      return word ^ (word >> 31)
    }
  }

  private static let words = [
    "", "orders", "two words", "a.b.c", "ü \u{202E} \u{7}", "line\nbreak", "\"quoted\\\"", "<b>&",
    "'; DROP TABLE x", "*", "::error::x", "日本語", "0", "null", "a, b", "pass word",
    "https://db/x", "tab\tand\rreturn", "--", "#", "|", "`",
  ]

  private mutating func chance(_ percent: Int) -> Bool {
    Int.random(in: 0..<100, using: &random) < percent
  }
  private mutating func word() -> String { Self.words.randomElement(using: &random) ?? "" }
  private mutating func words() -> [String] {
    (0..<Int.random(in: 0...3, using: &random)).map { _ in word() }
  }
  private mutating func number() -> Int { Int.random(in: 0...100_000, using: &random) }
  private mutating func seconds() -> Double {
    Double(number()) / 1_000_000 * Double(number()).rounded()
  }
  private mutating func micros() -> Double { Double(Int(seconds() * 1_000_000)) / 1_000_000 }
  private mutating func maybe<Value>(_ value: (inout Self) -> Value) -> Value? {
    chance(50) ? value(&self) : nil
  }

  private mutating func unchecked() -> Verdict.Unchecked {
    Verdict.Unchecked(type: word(), reason: word(), remedy: maybe { $0.word() })
  }

  private mutating func side() -> RunResult.SideResult.Outcome {
    switch Int.random(in: 0..<6, using: &random) {
    case 0: .notTried
    case 1:
      .failed(
        DatabaseError(
          DatabaseError.Kind.allCases.randomElement(using: &random) ?? .timeout, word(),
          hint: maybe { $0.word() }, code: maybe { $0.word() }, queryID: maybe { $0.word() }))
    default:
      .connected(
        SideFacts(
          engine: word(), version: word(), name: word(), fingerprint: word(), role: word(),
          readPoint: word(), readAt: Sample.time(micros()),
          link: [
            .loopback, .none, .gssapi,
            .tls(protocol: "TLSv1.3", cipher: maybe { _ in "A, B" }, identity: .certificateOnly),
            .tls(protocol: "TLSv1.2 or later", cipher: nil, identity: .unknown),
          ].randomElement(using: &random) ?? .none, replica: maybe { $0.word() }, notes: words()))
    }
  }

  private mutating func rows() -> RowDifferences {
    RowDifferences(
      identical: number(), modified: number(), added: number(), removed: number(),
      columns: words().map { .init(column: $0, rows: 3) }, keyColumns: words(),
      examples: (0..<Int.random(in: 0...3, using: &random)).map { _ in
        .init(
          kind: [.modified, .added, .removed].randomElement(using: &random) ?? .added,
          key: words(),
          cells: words().map {
            .init(column: $0, source: word(), target: word(), likely: maybe { $0.word() })
          })
      }, likely: words(), sourceSQL: maybe { $0.word() }, targetSQL: maybe { $0.word() })
  }

  private mutating func sample() -> TimingSample {
    let cost = ExecutionCost(
      seconds: maybe { $0.micros() }, queued: maybe { $0.micros() }, scanned: maybe { $0.number() },
      spilled: maybe { $0.number() }, warehouseSize: maybe { $0.word() })
    return TimingSample(
      wire: maybe { $0.micros() }, cost: chance(70) ? cost : nil, rows: maybe { $0.number() },
      queryID: maybe { $0.word() })
  }

  private mutating func timings() -> Timings {
    Timings(
      Side.allCases.map { side in
        SideTimings(
          side: side, engine: word(), cold: maybe { $0.sample() },
          warm: (0..<Int.random(in: 0...4, using: &random)).map { _ in sample() },
          failure: maybe { DatabaseError(.timeout, $0.word()) },
          untold: maybe { DatabaseError(.timeout, $0.word()) })
      }, clients: Int.random(in: 1...3, using: &random))
  }

  private mutating func content() -> ContentFacts.Content {
    .init(name: word(), rows: maybe { $0.number() }, digest: maybe { $0.word() })
  }

  private mutating func result(_ section: String, _ object: String, _ check: String) -> CaseResult {
    var verdict = Verdict(
      summary: word(), type: "mismatch", findings: words(),
      unchecked: (0..<Int.random(in: 0...2, using: &random)).map { _ in unchecked() },
      notes: words())
    if chance(30) { verdict.rows = rows() }
    if chance(30) { verdict.timings = timings() }
    if chance(50) {
      verdict.content = ContentFacts(
        source: maybe { $0.content() }, target: maybe { $0.content() })
    }
    var waiver: Waiver?
    if chance(30), let day = CalendarDay("2027-02-28") {
      waiver = Waiver(
        check: Located(word(), at: Sample.range(7)), because: word(), owner: word(), expires: day,
        ticket: maybe { $0.word() })
    }
    if verdict.outcome == .failed { verdict.type = "row_count_mismatch" }
    let skipped = chance(10)
    return CaseResult(
      id: CheckID(spec: "shop", section: section, object: object, check: check),
      clause: ["2a", "2b", "8b", "7", "", "5a.iv"].randomElement(using: &random) ?? "",
      sentence: word(), range: Sample.range(Int.random(in: 1...80, using: &random)),
      severity: chance(50) ? .error : .warn, tags: words(),
      outcome: skipped ? .skipped : waiver == nil ? verdict.outcome : verdict.waivedOutcome,
      waiver: waiver, verdict: verdict, startedAt: Sample.time(micros()), seconds: micros(),
      statements: (0..<Int.random(in: 0...2, using: &random)).map { _ in
        ExecutedStatement(
          side: chance(50) ? .source : .target, sql: word(), seconds: micros(), rows: number(),
          queryID: maybe { $0.word() })
      }, retries: (0..<Int.random(in: 0...1, using: &random)).map { _ in unchecked() })
  }

  /// The next run.
  mutating func run() -> RunResult {
    let suites = (0..<Int.random(in: 0...4, using: &random)).map { number in
      let section =
        ["tables", "security", "waivers", "rollback"].randomElement(using: &random) ?? ""
      let object = section == "waivers" ? "" : "object_\(number)"
      return SuiteResult(
        name: "shop.\(section).\(object)", startedAt: Sample.time(micros()), seconds: micros(),
        cases: (0..<Int.random(in: 0...4, using: &random)).map {
          result(section, object, ["row_count", "columns.a.b", "x y"][$0 % 3] + "_\($0)")
        })
    }
    var run = Sample.run(
      suites, environment: maybe { $0.word() }, seconds: micros(), source: side(), target: side(),
      exceptions: words().map {
        SpecException(
          subject: $0, sentence: word(), because: maybe { $0.word() }, range: Sample.range(3))
      }, interruption: chance(20) ? .deadline : nil, strict: chance(30))
    run.command = maybe { $0.word() }
    if chance(50) {
      run.asked = [
        AskedItem(
          id: CheckID(spec: "shop", section: "uat", object: "month_end", check: "accepted"),
          clause: "7", question: word(), approver: word(), within: maybe { $0.micros() },
          range: Sample.range(9))
      ]
      run.signOff = SignOffDemand(
        signers: maybe { $0.word() }, required: [.init(role: word(), email: word())])
    }
    return run
  }
}
