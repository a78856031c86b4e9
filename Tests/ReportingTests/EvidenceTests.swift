import Foundation
import Reporting
import SpecCore
import TestSupport
import Testing

/// What the page says of signatures, of what people are asked, and of earlier runs.
@Suite struct EvidenceTests {
  private static func page(_ evidence: EvidenceFacts?, _ run: RunResult = Sample.signed) -> String {
    HTMLReporter(spec: HTMLTests.spec, evidence: evidence).render(run)
  }

  /// The row of a clause in the matrix.
  private static func clause(_ id: String, _ page: String) throws -> String {
    let begin = try #require(page.range(of: "<th scope=\"row\">\(id)</th>"))
    let rest = page[begin.upperBound...]
    return String(rest[..<(rest.range(of: "</tr>")?.lowerBound ?? rest.endIndex)])
  }

  private static let month = "shop.uat.month_end_report.accepted"
  private static let rehearsal = "shop.rollback.rehearsal.accepted"
  private static let all = [
    Sample.record("project_manager", "alice@example.com", .approved),
    Sample.record("qa_lead", "carol@example.com", .approved),
    Sample.record("data_owner", "bob@example.com", .accepted, item: month),
    Sample.record("data_owner", "bob@example.com", .accepted, item: rehearsal),
  ]

  @Test func withoutABundle() throws {
    let page = Self.page(nil)
    #expect(try Self.clause("6", page).contains("NOT COVERED"))
    for id in ["7", "8b, 12", "9"] { #expect(try Self.clause(id, page).contains(">OPEN<")) }
    #expect(page.contains("NOT LOOKED AT"))
  }

  @Test func nobodyLookedForSignatures() throws {
    let page = Self.page(Sample.evidence(nil))
    let log = try Self.clause("6", page)
    #expect(log.contains("COVERED") && log.contains("12 statements") && !log.contains("NOT"))
    #expect(try Self.clause("9", page).contains("signatures are not looked at here"))
    #expect(page.contains("parity verify"))
    let empty = Self.page(Sample.evidence(nil, logged: 0))
    #expect(try Self.clause("6", empty).contains("NOT COVERED"))
  }

  @Test func everythingIsSigned() throws {
    let page = Self.page(Sample.evidence(SignOffState(records: Self.all)))
    for id in ["7", "8b, 12", "9"] {
      let row = try Self.clause(id, page)
      #expect(!row.contains("OPEN") && !row.contains("NOT COVERED"), "\(row)")
    }
    #expect(page.contains("COMPLETE"))
    #expect(page.contains("Alice &lt;Example&gt; (alice@example.com)"))
    #expect(page.contains("done on 2026-11-20"))
  }

  @Test(arguments: [
    // Nothing, somebody else's answer, a superseded one, an answer with no, a withdrawal.
    ([SignOffState.Record](), "7", "OPEN"),
    ([Sample.record("qa_lead", "c@example.com", .accepted, item: month)], "7", "OPEN"),
    (
      [
        Sample.record("data_owner", "b@example.com", .accepted, item: month, isSuperseded: true)
      ], "7", "OPEN"
    ),
    ([Sample.record("data_owner", "b@example.com", .rejected, item: month)], "7", "FAILED"),
    ([Sample.record("project_manager", "alice@example.com", .approved)], "9", "OPEN"),
    (
      Array(all.prefix(1)) + [Sample.record("qa_lead", "carol@example.com", .withdrawn)], "9",
      "FAILED"
    ),
    (
      [Sample.record("data_owner", "b@example.com", .rejected, item: rehearsal)], "8b, 12", "FAILED"
    ),
  ])
  func whatIsMissing(_ records: [SignOffState.Record], _ id: String, _ word: String) throws {
    let state = SignOffState(records: records, open: ["qa_lead has not signed"])
    let page = Self.page(Sample.evidence(state))
    #expect(try Self.clause(id, page).contains(">\(word)<"))
    #expect(page.contains("qa_lead has not signed"))
  }

  @Test func recordsThatCannotBeReliedOn() throws {
    let state = SignOffState(records: Self.all, problems: ["approvals/x.json: wrong signature"])
    let page = Self.page(Sample.evidence(state))
    for id in ["7", "9"] { #expect(try Self.clause(id, page).contains("COULD NOT CHECK")) }
    #expect(page.contains("NOT RELIABLE") && page.contains("wrong signature"))
  }

  @Test func aFailedRollbackCheckIsNotHiddenByAnAnswer() throws {
    var run = Sample.signed
    run.suites[1].cases[0].outcome = .failed
    let page = Self.page(Sample.evidence(SignOffState(records: Self.all)), run)
    #expect(try Self.clause("8b, 12", page).contains(">FAILED<"))
  }

  @Test func charts() {
    let page = Self.page(Sample.evidence(nil))
    #expect(page.contains("source 48,211 rows, target 48,210 rows"))
    #expect(page.contains("1 of 2 tables have other numbers of rows"))
    #expect(page.contains("The last 3 of 3 runs, this one last"))
    #expect(page.contains("40 passed, 1 warned, 9 failed, 2 could not be checked"))
    #expect(page.contains("<dd>rehearsal</dd>"))
    var run = Sample.signed
    run.environment = nil
    #expect(Self.page(nil, run).contains("<dd>default</dd>"))
  }

  @Test func golden() {
    let state = SignOffState(records: Self.all.dropLast(2), open: ["month_end_report is open"])
    let page = Self.page(Sample.evidence(state))
    let parts = page.components(separatedBy: "<style>")
    let behind = parts.last?.components(separatedBy: "</style>").last ?? ""
    expectGolden(parts[0] + "<style></style>" + behind, at: "\(fixtures)/signed.html")
  }
}
