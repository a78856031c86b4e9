import Diagnostics
import Foundation
import Reporting
import SpecCore

/// The reports of a run: where they go, checked before anything is run.
struct Reports {
  private let junit: String?
  private let json: String?
  private let html: String?
  private let evidence: EvidenceWriter?
  private let metrics: String?
  /// What was run, for the report that shows it.
  private let specs: [SpecFile]
  private let command: RunCommand
  private let environment: [String: String]

  init(command: RunCommand, specs: [SpecFile]) throws {
    self.command = command
    self.specs = specs
    environment = command.options.environment
    junit = try Self.path(command.junit, environment["PARITY_JUNIT"])
    json = try Self.path(command.json, environment["PARITY_JSON"])
    html = try Self.path(command.html, environment["PARITY_HTML"])
    evidence = try EvidenceWriter(
      folder: Self.path(command.evidence, environment["PARITY_EVIDENCE"]),
      key: Self.path(command.evidenceKey, environment["PARITY_EVIDENCE_KEY"]),
      isKeyAsked: command.evidenceKey != nil,
      environment: environment)
    metrics = try Self.path(command.metrics, environment["PARITY_METRICS"])
    var taken = Dictionary(
      specs.map { (Self.plain($0.path), "the spec \($0.path)") }, uniquingKeysWith: { $1 })
    for path in [junit, json, html, metrics].compactMap(\.self) {
      if specs.count > 1, !path.contains("{spec}") {
        Terminal.errors.write(
          "error: with several specs a report's path needs {spec} in it, such as "
            + "out/{spec}.xml, not \(path)\n")
        throw ExitStatus.wrong
      }
      for spec in specs {
        let file = path.replacing("{spec}", with: spec.identity.slug)
        if let other = taken.updateValue("another report", forKey: Self.plain(file)) {
          Terminal.errors.write("error: \(file) is \(other) already; nothing was run\n")
          throw ExitStatus.wrong
        }
        do throws(DiskError) {
          try Disk.prepare(file)
        } catch {
          Terminal.errors.write("error: \(error.message); nothing was run\n")
          throw ExitStatus.wrong
        }
      }
    }
  }

  /// A flag wins over a variable; an empty flag is a mistake, an empty variable is none.
  private static func path(_ flag: String?, _ variable: String?) throws -> String? {
    if let flag, flag.isEmpty {
      Terminal.errors.write("error: a report's path is empty; nothing was run\n")
      throw ExitStatus.wrong
    }
    return flag ?? variable.flatMap { $0.isEmpty ? nil : $0 }
  }

  private static func plain(_ path: String) -> String {
    URL(fileURLWithPath: path).standardizedFileURL.resolvingSymlinksInPath().path
  }

  /// Writes every report that was asked for, then shows the result.
  ///
  /// Returns whether all were written: a failed report is an error of its own, but hides nothing.
  func write(_ result: RunResult, _ record: RunRecord) -> Bool {
    var problems: [String] = []
    var bundle: String?
    let file = specs.first { $0.identity == result.spec }
    if let evidence, let file {
      do throws(DiskError) {
        bundle = try evidence.write(result, record, file)
      } catch {
        problems.append(error.message)
      }
    }
    func save(_ text: @autoclosure () -> String, _ path: String?) {
      guard let path else { return }
      do throws(DiskError) {
        try Disk.write(text(), to: path.replacing("{spec}", with: result.spec.slug))
      } catch {
        problems.append(error.message)
      }
    }
    save(JUnitReporter(profile: command.junitProfile).render(result), junit)
    save(JSONReporter().render(result), json)
    save(HTMLReporter(spec: file?.source).render(result), html)
    save(MetricsReporter().render(result), metrics)
    show(result, reportPath: problems.isEmpty ? html ?? json ?? junit : nil)
    if let bundle { Terminal.errors.write("evidence: \(bundle)\n") }
    for problem in problems { Terminal.errors.write("error: \(problem)\n") }
    return problems.isEmpty
  }

  private func show(_ result: RunResult, reportPath: String?) {
    switch command.format {
    case .json: Terminal.output.write(JSONReporter().render(result))
    case .text:
      // Cases were shown as they ended: on the terminal that is still on screen, or on stdout.
      let isShown = !command.isLive || Terminal.output.isInteractive
      let hasCases = !result.suites.isEmpty && isReached(result)
      Terminal.output.write(
        TextReporter(
          look: command.options.look(.output), cases: isShown && hasCases ? .none : .all,
          reportPath: reportPath?.replacing("{spec}", with: result.spec.slug)
        ).render(result))
    }
    let isGitHub =
      command.annotations == .github
      || (command.annotations == .auto && environment["GITHUB_ACTIONS"] == "true")
    if isGitHub, let path = environment["GITHUB_STEP_SUMMARY"], !path.isEmpty {
      let report = reportPath?.replacing("{spec}", with: result.spec.slug)
      JobSummary.append(result, reportPath: report, to: path)
    }
    if isGitHub, command.format == .text {
      Terminal.output.write(GitHubAnnotations().render(result))
    }
  }

  private func isReached(_ result: RunResult) -> Bool {
    result.source.facts != nil && result.target.facts != nil
  }
}

extension String {
  /// The text with every occurrence of a part replaced.
  func replacing(_ part: String, with text: String) -> String {
    components(separatedBy: part).joined(separator: text)
  }
}

/// Which cases did not pass last time, kept in the user's cache folder.
struct LastRun {
  private let path: String

  init(_ identity: SpecIdentity) {
    let environment = ProcessInfo.processInfo.environment
    let cache =
      environment["XDG_CACHE_HOME"].flatMap { $0.isEmpty ? nil : $0 }
      ?? NSHomeDirectory() + "/.cache"
    let folder = FileManager.default.currentDirectoryPath
    let name = "\(folder)/\(identity.path)".map { $0.isLetter || $0.isNumber ? $0 : "_" }
    path = "\(cache)/parity/\(String(name.suffix(180))).json"
  }

  /// The ids; `nil` where no run was recorded, so that everything is run.
  var failed: [String]? {
    guard let bytes = try? Disk.read(path, limit: 10_000_000),
      let value = try? JSONValue.parse(String(decoding: bytes, as: UTF8.self))
    else {
      Terminal.errors.write("no earlier run is on record here: everything is selected\n")
      return nil
    }
    return value["not_passed"]?.elements?.compactMap(\.text)
  }

  /// Records a run; a cache that cannot be written only costs `--last-failed`.
  func record(_ result: RunResult) {
    let ids = result.cases.filter { $0.outcome == .failed || $0.outcome == .errored }
      .map { JSONValue.string($0.id.description) }
    let value: JSONValue = ["format": "parity.last/1", "not_passed": .array(ids)]
    do throws(DiskError) {
      try Disk.prepare(path)
      try Disk.write(value.rendered() + "\n", to: path, mode: 0o600)
    } catch {
      Terminal.errors.write("note: --last-failed will not know this run: \(error.message)\n")
    }
  }
}
