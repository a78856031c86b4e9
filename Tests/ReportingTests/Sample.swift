import Diagnostics
import Reporting
import SpecCore

/// A run made up in code, with the name of its golden files.
struct Sample: CustomStringConvertible, Sendable {
  let name: String
  let run: RunResult

  var description: String { name }

  /// Where everything starts: 2026-11-23, 03:01:46 UTC.
  static let start = Timestamp(microseconds: 1_795_402_906_000_000)

  /// A time so many seconds into the run.
  static func time(_ seconds: Double) -> Timestamp {
    Timestamp(microseconds: start.microseconds + Int64(seconds * 1_000_000))
  }

  static let sourceFacts = SideFacts(
    engine: "PostgreSQL", version: "15.4", name: "shop on db.example.com:5432",
    fingerprint: "7301234567890123456/shop", role: "parity_reader",
    readPoint: "snapshot 00000003-0000008B-1, LSN 0/3000148", readAt: time(0.25),
    link: .tls(protocol: "TLSv1.3", cipher: "TLS_AES_256_GCM_SHA384", identity: .verified),
    replica: "hot standby, 0.4 s behind")

  static let targetFacts = SideFacts(
    engine: "Snowflake", version: "9.31.0", name: "ACME-PROD.SHOP",
    fingerprint: "ACME/PROD/AWS_EU_CENTRAL_1/SHOP", role: "PARITY_READER",
    readPoint: "AT 2026-11-23 03:01:47Z", readAt: time(1),
    link: .tls(protocol: "TLSv1.2 or later", cipher: nil, identity: .verified),
    notes: ["the warehouse was resumed for this run"])

  /// A run of the usual spec between the usual databases.
  static func run(
    _ suites: [SuiteResult], environment: String? = "rehearsal", seconds: Double = 123,
    source: RunResult.SideResult.Outcome = .connected(sourceFacts),
    target: RunResult.SideResult.Outcome = .connected(targetFacts),
    exceptions: [SpecException] = [], interruption: RunResult.Interruption? = nil,
    strict: Bool = false
  ) -> RunResult {
    RunResult(
      runID: "parity-20261123T030146Z-9f86d0", toolVersion: "1.0.0",
      spec: SpecIdentity(
        path: "specs/shop.yml", name: "Shop migration", slug: "shop",
        sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        owner: "data platform", description: "The shop moves to Snowflake."),
      environment: environment, operatorName: "ada", hostName: "ci-7", startedAt: start,
      finishedAt: time(seconds),
      source: RunResult.SideResult(declared: "postgres $DATABASE_URL", outcome: source),
      target: RunResult.SideResult(declared: "snowflake connection shop", outcome: target),
      exceptions: exceptions, suites: suites, interruption: interruption, strict: strict)
  }

  /// The cases of one object.
  static func suite(
    _ name: String, _ cases: [CaseResult], seconds: Double = 4.13
  ) -> SuiteResult {
    SuiteResult(name: name, startedAt: start, seconds: seconds, cases: cases)
  }

  /// A case named `shop.SECTION.OBJECT.CHECK`.
  static func result(
    _ place: String, _ check: String, line: Int = 31, outcome: Outcome? = nil,
    waiver: Waiver? = nil, severity: CaseSeverity = .error, seconds: Double = 0.12,
    sentence: String? = nil, statements: [ExecutedStatement] = [],
    retries: [Verdict.Unchecked] = [], _ verdict: Verdict
  ) -> CaseResult {
    let parts = place.split(separator: ".").map(String.init)
    return CaseResult(
      id: CheckID(spec: "shop", section: parts[0], object: parts[1], check: check), clause: "2b",
      sentence: sentence ?? "\(parts[1]) holds in both databases what \(check) asks for.",
      range: range(line), severity: severity, tags: ["nightly"],
      outcome: outcome ?? (waiver == nil ? verdict.outcome : verdict.waivedOutcome),
      waiver: waiver, verdict: verdict, startedAt: time(1), seconds: seconds,
      statements: statements, retries: retries)
  }

  /// A place in the spec.
  static func range(_ line: Int) -> SourceRange {
    SourceRange(
      file: "specs/shop.yml", start: SourcePosition(line: line, column: 5, offset: line * 20),
      end: SourcePosition(line: line, column: 14, offset: line * 20 + 9))
  }

  /// The two statements of a row count.
  static let counting = [
    ExecutedStatement(
      side: .source, sql: "SELECT count(*) FROM public.orders", seconds: 0.0312, rows: 1),
    ExecutedStatement(
      side: .target, sql: "SELECT count(*) FROM SHOP.PUBLIC.ORDERS", seconds: 0.09, rows: 1,
      queryID: "01b2c3d4-0000-4a5b-0000-000100020003"),
  ]

  /// Two sides that count alike.
  static func counted(_ place: String, _ words: String = "1,000 = 1,000") -> CaseResult {
    result(place, "row_count", line: 12, statements: counting, Verdict(summary: words))
  }
}
