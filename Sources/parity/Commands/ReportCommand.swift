import ArgumentParser
import Diagnostics
import Evidence
import Foundation
import Reporting
import SpecCore

/// Makes reports again from a stored result, or says what changed between two.
struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Make reports again from a stored result, or compare two; no database is asked.")

  @Argument(
    help:
      "A folder of evidence, a folder that holds several (the newest is taken), or a file that run --json wrote."
  )
  var path: String

  @Option(help: "Say what changed since that earlier result; 1 where something got worse.")
  var compare: String?

  @Option(help: "Write the page for people who review and sign there, as HTML.")
  var html: String?

  @Option(help: "Write a summary as Markdown there.")
  var markdown: String?

  @Option(help: "Write JUnit XML there.")
  var junit: String?

  @Option(name: .customLong("junit-profile"), help: "For which readers the JUnit XML is written.")
  var junitProfile = JUnitProfile.strict

  @Option(help: "Write all results, or everything that changed, as JSON there.")
  var json: String?

  @Option(help: "Write the numbers as OpenMetrics text there.")
  var metrics: String?

  @Option(
    help: "The file of allowed signers (PARITY_SIGNERS). Default: the spec's sign_off.signers.")
  var signers: String?

  @Option(help: "When to use colours.")
  var color = ColourChoice.auto

  func validate() throws {
    if compare != nil, html != nil || junit != nil || metrics != nil {
      throw ValidationError("--compare goes with --markdown and --json only.")
    }
    for path in [html, markdown, junit, json, metrics, compare] where path?.isEmpty == true {
      throw ValidationError("A path is empty.")
    }
  }

  func run() throws {
    let stored = try read(path)
    let earlier = try compare.map(read)
    try prepare([html, markdown, junit, json, metrics].compactMap(\.self), [stored, earlier])
    if let earlier { return try compare(earlier, stored) }
    var isShown = true
    func save(_ text: @autoclosure () -> String, _ file: String?) throws {
      guard let file else { return }
      isShown = false
      try write(text(), file)
    }
    try save(
      HTMLReporter(spec: stored.spec, evidence: stored.evidence).render(stored.run), html)
    try save(MarkdownReporter(reportPath: html ?? path).render(stored.run), markdown)
    try save(JUnitReporter(profile: junitProfile).render(stored.run), junit)
    try save(JSONReporter().render(stored.run), json)
    try save(MetricsReporter().render(stored.run), metrics)
    if isShown { Terminal.output.write(TextReporter(look: look).render(stored.run)) }
  }

  private var look: Look {
    color.look(for: .output, environment: ProcessInfo.processInfo.environment)
  }

  private func compare(_ earlier: StoredResult, _ later: StoredResult) throws {
    let comparison = RunComparison(
      from: earlier.run, to: later.run, earlierSpec: earlier.spec?.text,
      laterSpec: later.spec?.text)
    let reporter = ComparisonReporter(comparison)
    if let markdown { try write(reporter.markdown(), markdown) }
    if let json { try write(reporter.json(), json) }
    Terminal.output.write(reporter.text(look: look))
    if comparison.isWorse { throw ExitStatus.failed }
  }

  private func read(_ path: String) throws -> StoredResult {
    do throws(StoredResultError) {
      var stored = try StoredResult.read(path)
      if stored.folder != nil { try addSignatures(&stored) }
      for note in stored.notes { Terminal.errors.write("note: \(oneLine(note))\n") }
      return stored
    } catch {
      Terminal.errors.write("error: \(oneLine(error.message)); nothing was written\n")
      throw error.status
    }
  }

  /// Who has signed, where that can be relied on.
  private func addSignatures(_ stored: inout StoredResult) throws(StoredResultError) {
    guard let folder = stored.folder else { return }
    let reader: BundleReader
    do throws(DiskError) {
      reader = try BundleReader(folder)
    } catch {
      throw StoredResultError(message: error.message, status: .wrong)
    }
    let verification = reader.verified(
      SignatureChecker(
        signers: signers, results: reader.bundle.results,
        environment: ProcessInfo.processInfo.environment), key: nil)
    // The files that reports are made of were checked already; the rest only says who signed what.
    if let problem = verification.tampered.first {
      stored.notes.append("signatures are left out: \(problem) (see parity verify)")
      return
    }
    let isChecked =
      verification.signOff.records.count + verification.signOff.problems.count
      == reader.bundle.records.count
    if isChecked {
      stored.evidence?.signOff = verification.signOff
    } else if let reason = verification.unchecked.last {
      // A page must not show names whose signatures nobody looked at.
      stored.notes.append("signatures are left out: \(reason)")
    }
  }

  /// Everything that cannot be written is found before the first file is.
  private func prepare(_ files: [String], _ stored: [StoredResult?]) throws {
    func plain(_ path: String) -> String {
      URL(fileURLWithPath: path).standardizedFileURL.resolvingSymlinksInPath().path
    }
    let folders = stored.compactMap { $0?.folder }.map(plain)
    var taken: Set<String> = [plain(path)]
    if let compare { taken.insert(plain(compare)) }
    for file in files {
      let whole = plain(file)
      if folders.contains(where: { whole.hasPrefix("\($0)/") }) {
        Terminal.errors.write(
          "error: \(file) lies in the evidence, which must not change; nothing was written\n")
        throw ExitStatus.wrong
      }
      guard taken.insert(whole).inserted else {
        Terminal.errors.write(
          "error: \(file) is read, or is another report already; nothing was written\n")
        throw ExitStatus.wrong
      }
      do throws(DiskError) {
        try Disk.prepare(file)
      } catch {
        Terminal.errors.write("error: \(error.message); nothing was written\n")
        throw ExitStatus.wrong
      }
    }
  }

  private func write(_ text: String, _ file: String) throws {
    do throws(DiskError) {
      try Disk.write(text, to: file)
    } catch {
      Terminal.errors.write("error: \(error.message)\n")
      throw ExitStatus.couldNotCheck
    }
  }
}
