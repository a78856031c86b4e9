import Reporting
import SpecCore
import Testing

/// What people are asked stands in reports as what nobody has carried out.
@Suite struct OpenSignOffTests {
  private static var run: RunResult {
    var run = Sample.run([Sample.customers])
    let range = run.cases[0].range
    run.asked = [
      AskedItem(
        id: CheckID(spec: "shop", section: "uat", object: "month_end", check: "accepted"),
        clause: "7", question: "Does it match the ledger?", approver: "data_owner", range: range)
    ]
    run.signOff = SignOffDemand(
      signers: nil,
      required: [
        .init(role: "data_owner", email: "bob@example.com"),
        .init(role: "qa_lead", email: "carol@example.com"),
      ])
    return run
  }

  @Test func text() {
    let text = TextReporter.text().render(Self.run)
    #expect(text.hasSuffix("\nsign-off open: 1 question, 2 signatures\n"))
    #expect(
      text.contains("shop.uat.month_end.accepted: Does it match the ledger?\n    of data_owner"))
    #expect(Self.run.conclusion == .passed)
  }

  @Test func junit() {
    let text = JUnitReporter.junit().render(Self.run)
    let skipped = "<skipped message=\"asked of data_owner: Does it match the ledger? (answer with"
    #expect(text.contains(skipped), "\(text)")
    #expect(text.contains("classname=\"shop.uat.month_end\""))
    #expect(text.contains("tests=\"3\""))
    #expect(text.contains("failures=\"0\""))
  }

  @Test func nobodyIsAsked() {
    let run = Sample.run([Sample.customers])
    #expect(OpenSignOff(of: run).line == nil)
    #expect(OpenSignOff(of: run).suites.isEmpty)
    #expect(!TextReporter.text().render(run).contains("sign-off"))
  }
}
