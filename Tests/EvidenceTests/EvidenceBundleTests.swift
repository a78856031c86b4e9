import Cryptography
import Diagnostics
import Evidence
import Foundation
import Reporting
import SpecCore
import Testing

@Suite("bundles of evidence")
struct EvidenceBundleTests {
  static let place = SourceRange(
    file: "specs/shop.yml", start: SourcePosition(line: 3, column: 1, offset: 0),
    end: SourcePosition(line: 3, column: 2, offset: 1))

  static func result(
    _ check: String, _ outcome: Outcome, _ severity: CaseSeverity = .error
  ) -> CaseResult {
    var verdict = Verdict(summary: "seen")
    verdict.content = ContentFacts(
      [.source: "public.orders", .target: "PUBLIC.ORDERS"], rows: [.source: 5, .target: 5],
      digests: check == "checksum" ? [.source: "5f1d", .target: "5f1d"] : [:])
    return CaseResult(
      id: CheckID(spec: "shop", section: "tables", object: "orders", check: check), clause: "2b",
      sentence: "It is so.", range: place, severity: severity, outcome: outcome, verdict: verdict,
      startedAt: Timestamp(microseconds: 0), seconds: 0.5)
  }

  private static func facts(_ name: String) -> SideFacts {
    SideFacts(
      engine: "PostgreSQL", version: "15.2", name: name, fingerprint: "system:1/shop",
      role: "verifier", readPoint: "snapshot 1", readAt: Timestamp(microseconds: 1_500_000),
      link: .loopback)
  }

  static func bundle(
    _ cases: [CaseResult], environment: String? = "rehearsal",
    asked: [AskedItem] = [], demand: SignOffDemand? = nil,
    selection: [String] = [], previous: EvidenceBundle.Link? = nil
  ) -> EvidenceBundle {
    let spec = Array("version: 1\n".utf8)
    var run = RunResult(
      runID: "parity-1", toolVersion: "1.0",
      spec: SpecIdentity(
        path: "specs/shop.yml", name: "Shop", slug: "shop", sha256: SHA256Digest(of: spec).hex),
      environment: environment, operatorName: "ci", hostName: "h",
      startedAt: Timestamp(microseconds: 1_764_300_000_900_000),
      finishedAt: Timestamp(microseconds: 1_764_300_002_000_000),
      source: .init(declared: "postgres $A", outcome: .connected(facts("shop"))),
      target: .init(
        declared: "snowflake b", outcome: .failed(DatabaseError(.unreachable, "nobody answers"))),
      suites: [
        SuiteResult(
          name: "shop.tables.orders", startedAt: Timestamp(microseconds: 0), seconds: 1,
          cases: cases)
      ])
    run.asked = asked
    run.signOff = demand
    return EvidenceBundle(
      run: run, plan: nil, spec: spec,
      reports: .init(json: JSONReporter().render(run), junit: "<x/>\n", html: "<html>\n", log: ""),
      origin: .init(
        toolSHA256: String(repeating: "a", count: 64),
        git: .init(commit: "c0ffee", isDirty: true), url: "https://ci.example.com/1",
        seed: "seed", selection: selection,
        inputs: [.init(path: "b", sha256: "2"), .init(path: "a", sha256: "1")]),
      previous: previous)
  }

  private static func document(_ name: String, _ bundle: EvidenceBundle) throws -> JSONValue {
    let file = try #require(bundle.files.first { $0.name == name })
    return try JSONValue.parse(String(decoding: file.bytes, as: UTF8.self))
  }

  @Test(
    "the verdict is the worst that was seen; what could not be checked is no success",
    arguments: [
      ([(Outcome.passed, CaseSeverity.error)], "PASSED"),
      ([(.passed, .error), (.failed, .warn)], "WARNED"),
      ([(.passed, .error), (.waived, .error)], "WARNED"),
      ([(.passed, .error), (.errored, .warn)], "FAILED"),
      ([(.failed, .warn), (.failed, .error)], "FAILED"),
      ([], "FAILED"),
    ])
  func verdict(_ outcomes: [(Outcome, CaseSeverity)], _ expected: String) throws {
    let cases = outcomes.enumerated().map { Self.result("c\($0)", $1.0, $1.1) }
    let bundle = Self.bundle(cases)
    #expect(bundle.verdict == expected)
    let statement = try Self.document("statement.json", bundle)
    #expect(statement["predicate"]?["result"]?.text == expected)
    #expect(try Self.document("results.json", bundle)["verdict"]?.text == expected)
  }

  @Test("every check is in one list of the statement, and counted once")
  func lists() throws {
    let item = AskedItem(
      id: CheckID(spec: "shop", section: "uat", object: "report", check: "accepted"),
      clause: "7", question: "Is it right?", approver: "data_owner", range: Self.place)
    let bundle = Self.bundle(
      [
        Self.result("a", .passed), Self.result("b", .failed), Self.result("c", .errored),
        Self.result("d", .failed, .warn), Self.result("e", .waived),
        Self.result("f", .skipped),
      ], asked: [item])
    let predicate = try #require(try Self.document("statement.json", bundle)["predicate"])
    func names(_ list: String) -> [String]? {
      predicate[list]?.elements?.compactMap { $0.text?.split(separator: ".").last.map(String.init) }
    }
    #expect(names("passedTests") == ["a"])
    #expect(names("warnedTests") == ["d", "e"])
    #expect(names("failedTests") == ["b", "c"])
    let results = try Self.document("results.json", bundle)
    #expect(
      results["counts"]
        == ["passed": 1, "failed": 1, "error": 1, "warned": 2, "skipped": 2] as JSONValue)
    #expect(results["checks"]?.elements?.count == 7)
    #expect(results["checks"]?.elements?[4]["waived"] == true)
    #expect(results["asked"]?.elements?.first?["approver"]?.text == "data_owner")
  }

  @Test("files refer to each other by their digests")
  func references() throws {
    let bundle = Self.bundle([Self.result("row_count", .passed), Self.result("checksum", .passed)])
    let files = bundle.files
    let digests = Dictionary(
      uniqueKeysWithValues: files.map { ($0.name, SHA256Digest(of: $0.bytes).hex) })
    let statement = try Self.document("statement.json", bundle)
    #expect(
      statement["subject"]?.elements?.first?["digest"]?["sha256"]?.text
        == digests["datasets.json"])
    let configuration = statement["predicate"]?["configuration"]?.elements ?? []
    for name in ["spec.yml", "plan.json", "results.json", "report.json"] {
      let entry = configuration.first { $0["name"]?.text == name }
      #expect(entry?["digest"]?["sha256"]?.text == digests[name], "\(name)")
    }
    #expect(configuration.suffix(2).map { $0["name"]?.text } == ["a", "b"])
    let manifest = Manifest(files: files).text
    for (name, digest) in digests { #expect(manifest.contains("\(digest)  \(name)\n")) }
    #expect(files.map(\.name).contains("log.jsonl"))
  }

  @Test("datasets name what was counted, and a side that was not read says so")
  func datasets() throws {
    let bundle = Self.bundle([Self.result("row_count", .passed), Self.result("checksum", .passed)])
    let sides = try #require(try Self.document("datasets.json", bundle).elements)
    #expect(
      sides[0]["tables"]
        == [["name": "public.orders", "rows": 5, "checksum": "5f1d"]] as JSONValue)
    #expect(sides[0]["read_only"] == true)
    #expect(sides[1]["fingerprint"] == .null)
    #expect(sides[1]["not_read"]?.text == "nobody answers")
  }

  @Test(
    "the folder is named by time, spec and environment",
    arguments: [
      ("rehearsal", "2025-11-28T032000Z-shop-rehearsal"), (nil, "2025-11-28T032000Z-shop-default"),
      ("../x y", "2025-11-28T032000Z-shop-___x_y"),
    ])
  func folder(_ environment: String?, _ name: String) {
    #expect(Self.bundle([], environment: environment).folder == name)
  }

  @Test("the same run gives the same bytes, and can be read as a past run")
  func stable() throws {
    let link = EvidenceBundle.Link(run: "parity-0", folder: "f", manifestSHA256: "00")
    let first = Self.bundle([Self.result("a", .passed)], previous: link)
    let second = Self.bundle([Self.result("a", .passed)], previous: link)
    #expect(Manifest(files: first.files) == Manifest(files: second.files))
    let results = try Self.document("results.json", first)
    #expect(results["previous"]?["manifest_sha256"]?.text == "00")
    let past = try #require(EvidenceFacts.PastRun(results))
    #expect(past.seconds == 2)
    #expect(past.passed == 1)
    #expect(EvidenceFacts.PastRun(["run": "x"]) == nil)
  }

  @Test("an envelope is signed over type and payload")
  func envelope() throws {
    let seed =
      Data([0x30, 0x2E, 2, 1, 0, 0x30, 5, 6, 3, 0x2B, 0x65, 0x70, 4, 0x22, 4, 0x20])
      + Data(repeating: 9, count: 32)
    let key = try Ed25519Key(
      pem: Secret(
        "-----BEGIN PRIVATE KEY-----\n\(seed.base64EncodedString())\n-----END PRIVATE KEY-----"))
    let envelope = try Envelope(signing: Array("{}".utf8), with: key)
    let signed = Array("DSSEv1 28 application/vnd.in-toto+json 2 {}".utf8)
    #expect(key.publicKey.isValid(envelope.signature, of: signed))
    let line = try JSONValue.parse(envelope.text)
    #expect(line["payload"]?.text == "e30=")
    #expect(line["signatures"]?.elements?.first?["keyid"]?.text?.count == 64)
    #expect(envelope.text.filter(\.isNewline).count == 1)
  }

  @Test("a line of the log holds neither statement nor words of an error")
  func logLine() throws {
    let entry = LoggedStatement(
      side: .source, startedAt: Timestamp(microseconds: 0), seconds: 0.25, rows: 3, bytes: nil,
      sql: "select 'ada@example.com'",
      error: DatabaseError(.statementFailed, "bad value ada", code: "22P02"))
    let line = entry.line(4)
    #expect(!line.contains("ada"))
    let value = try JSONValue.parse(line)
    #expect(value["kind"]?.text == "SELECT")
    #expect(value["error"]?["code"]?.text == "22P02")
    #expect(value["sql_sha256"]?.text == SHA256Digest(of: "select 'ada@example.com'").hex)
    #expect(value["bytes"] == .null)
  }
}
