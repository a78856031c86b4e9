import ArgumentParser
import Diagnostics
import Evidence
import Foundation
import SpecCore

/// Approves a run by a signature, or takes the approval back.
struct SignCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sign", abstract: "Approve a run: sign its bundle of evidence in a role.",
    discussion: """
      Signs with an ssh key, of a file, an agent or a security key, what `parity verify` checks: the digest \
      of the bundle, the environment, role, name, time and meaning. A run that failed, or was changed \
      since, is not signed.
      """)

  @Argument(help: "A bundle's folder, or a folder of bundles: then its newest.")
  var folder: String

  @Option(help: "The role to sign in, one of the spec's sign_off.required.")
  var role: String

  @Option(help: "What else to say.")
  var comment: String?

  @Flag(help: "Take an approval back.")
  var withdraw = false

  @OptionGroup var signing: PersonSigning

  func run() throws {
    let (reader, results, verification) = try signing.intact(folder)
    let email = try signing.email(of: role, in: results)
    let isApproved = verification.signOff.records.contains {
      $0.item == nil && $0.role == role && !$0.isSuperseded && $0.meaning == .approved
    }
    if withdraw {
      guard isApproved else {
        throw PersonSigning.refusal(
          "\(role) has no approval here that could be withdrawn",
          help: verification.unchecked.first, status: .wrong)
      }
    } else {
      guard results.conclusion == "passed" else {
        throw PersonSigning.refusal(
          "the run did not pass (\(results.conclusion)): it cannot be approved", status: .failed)
      }
      if isApproved { Terminal.errors.write("note: \(role) has signed before\n") }
    }
    try signing.sign(
      { name in
        PersonRecord(
          manifestSHA256: reader.bundle.manifestSHA256, environment: results.environment,
          role: role, name: name, email: email, meaning: withdraw ? .withdrawn : .approved,
          signedAt: Composition.now(), comment: comment)
      }, reader, results, showing: verification)
  }
}

/// Answers a question that the spec asks of people.
struct AttestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "attest", abstract: "Answer what the spec asks of people: acceptance, rehearsals.",
    discussion: "The answer is signed like an approval; see `parity sign --help`.")

  @Argument(help: "A bundle's folder, or a folder of bundles: then its newest.")
  var folder: String

  @Argument(help: "The question, such as month_end_report.")
  var item: String

  @Option(name: .customLong("as"), help: "The role that was asked.")
  var role: String

  @Flag(help: "The answer is yes.")
  var pass = false

  @Flag(help: "The answer is no.")
  var fail = false

  @Option(help: "What was looked at, and what was found.")
  var note: String?

  @Option(help: "The day on which it happened, such as 2026-11-20, where that is asked.")
  var performed: String?

  @OptionGroup var signing: PersonSigning

  func validate() throws {
    if pass == fail { throw ValidationError("Say --pass or --fail.") }
    if fail, (note ?? "").isEmpty { throw ValidationError("--fail needs a --note that says why.") }
    if let performed, CalendarDay(performed) == nil {
      throw ValidationError("--performed takes a day such as 2026-11-20.")
    }
  }

  func run() throws {
    let (reader, results, verification) = try signing.intact(folder)
    let asked = try question(in: results)
    let email = try signing.email(of: role, in: results)
    guard asked.approver == role else {
      throw PersonSigning.refusal(
        "\(PersonRecord.stem(ofItem: asked.id)) is asked of \(asked.approver), not of \(role)",
        status: .wrong)
    }
    let day = performed.flatMap { CalendarDay($0) }
    if let problem = Verification.problem(of: day, asked, results.startedAt) {
      throw PersonSigning.refusal(
        "the answer \(problem)", help: asked.within == nil ? nil : "--performed YYYY-MM-DD",
        status: .wrong)
    }
    Terminal.errors.write("asked of \(asked.approver): \(asked.question)\n")
    try signing.sign(
      { name in
        PersonRecord(
          manifestSHA256: reader.bundle.manifestSHA256, environment: results.environment,
          role: role, name: name, email: email, meaning: pass ? .accepted : .rejected,
          signedAt: Composition.now(), comment: note, item: asked.id, performedOn: day)
      }, reader, results, showing: verification)
  }

  /// The question by its id, by section and object, or by its object alone.
  private func question(in results: StoredResults) throws -> StoredResults.Asked {
    func names(_ asked: StoredResults.Asked) -> [String] {
      let stem = PersonRecord.stem(ofItem: asked.id)
      return [asked.id, stem, stem.split(separator: ".").last.map(String.init) ?? stem]
    }
    let found = results.asked.filter { names($0).contains(item) }
    if found.count == 1 { return found[0] }
    let known = results.asked.compactMap { names($0).last }
    let near = nearestName(to: item, among: known).map { "; did you mean `\($0)`?" } ?? ""
    throw PersonSigning.refusal(
      found.isEmpty
        ? "nothing called `\(item)` is asked\(near)" : "`\(item)` means several questions",
      help: known.isEmpty
        ? "the spec's sections uat and rollback ask" : "asked are \(known.joined(separator: ", "))",
      status: .wrong)
  }
}
