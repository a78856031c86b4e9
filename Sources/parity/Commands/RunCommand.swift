import ArgumentParser
import Foundation
import Reporting
import Runner
import SpecCore
import Synchronization

extension JUnitProfile: ExpressibleByArgument {}
extension DigestMethod: ExpressibleByArgument {}

/// Where GitHub's annotations are written.
enum AnnotationChoice: String, CaseIterable, ExpressibleByArgument {
  case auto, github, none
}

/// What stdout carries.
enum OutputFormat: String, CaseIterable, ExpressibleByArgument {
  case text, json
}

/// Runs specs against both databases and reports.
struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Compare both databases and report.")

  @OptionGroup var options: SpecOptions
  @OptionGroup var selection: SelectionOptions

  @Flag(
    name: .customLong("last-failed"), help: "Only what failed or could not be checked last time.")
  var lastFailed = false

  @Flag(help: "Print what would run, and stop.")
  var list = false

  @Flag(name: .customShort("x"), help: "Stop at the first failure.")
  var stopAtFirst = false

  @Option(name: .customLong("max-fail"), help: "Stop after so many failures.")
  var maxFail: Int?

  @Option(help: "Statements at a time on each side (PARITY_JOBS). Default: 4.")
  var jobs: Int?

  @Option(help: "The longest the run may take, such as 30m (PARITY_TIMEOUT).")
  var timeout: String?

  @Flag(help: "Warnings fail the run.")
  var strict = false

  @Option(help: "Write JUnit XML there (PARITY_JUNIT).")
  var junit: String?

  @Option(name: .customLong("junit-profile"), help: "For which readers the JUnit XML is written.")
  var junitProfile = JUnitProfile.strict

  @Option(help: "Write all results as JSON there (PARITY_JSON).")
  var json: String?

  @Option(help: "Write a page for people who review and sign there, as HTML (PARITY_HTML).")
  var html: String?

  @Option(
    help: "Write a bundle of evidence as a new folder in that folder (PARITY_EVIDENCE).")
  var evidence: String?

  @Option(
    name: .customLong("evidence-key"),
    help: "Sign the bundle's statement with the Ed25519 key in that file (PARITY_EVIDENCE_KEY).")
  var evidenceKey: String?

  @Option(help: "Write the numbers of the run as OpenMetrics text there (PARITY_METRICS).")
  var metrics: String?

  @Option(help: "Write every differing row as CSV into that folder.")
  var differences: String?

  @Option(
    help: "How contents are compared: fingerprints of buckets of keys, or the MD5 of each row.")
  var digest = DigestMethod.fast

  @Option(help: "What standard output carries.")
  var format = OutputFormat.text

  @Option(help: "Write annotations for a build server; auto: on GitHub Actions.")
  var annotations = AnnotationChoice.auto

  func validate() throws {
    if let maxFail, maxFail < 1 { throw ValidationError("--max-fail takes a number from 1.") }
    if let jobs, !(1...64).contains(jobs) {
      throw ValidationError("--jobs takes a number from 1 to 64.")
    }
    if selection.reverse, lastFailed {
      throw ValidationError("--last-failed is about runs without --reverse.")
    }
    if let timeout, TimeSpan(timeout) == nil {
      throw ValidationError("--timeout takes a duration such as 90s, 30m or 2h.")
    }
  }

  func run() async throws {
    let files = try options.read()
    try demandSettings()
    try await demandMatches(in: files)
    if list { return try await printList(files) }
    let reports = try Reports(command: self, specs: files)
    let stop = StopSwitch()
    let signals = Signals(stopping: stop)
    defer { signals.end() }
    // Everything that can be wrong here is found before the first database is asked.
    var prepared: [Prepared] = []
    for file in files { prepared.append(try await prepare(file)) }
    let folders = try differenceFolders(files)
    var results: [RunResult] = []
    var isReportMissing = false
    for (index, file) in prepared.enumerated() where stop.reason == nil {
      let written = folders.map { DifferenceFiles(folder: $0[index]) }
      let result = try await run(file, stop, written)
      results.append(result)
      if !reports.write(result, file.record) { isReportMissing = true }
      if let written, !written.finish() { isReportMissing = true }
    }
    for file in files.dropFirst(results.count) {
      Terminal.errors.write("\(file.identity.path) was not run\n")
    }
    let status = Self.status(of: results, stop: stop)
    if status == .nothingSelected { Terminal.errors.write("nothing is selected\n") }
    if status == .passed, results.count < files.count || isReportMissing {
      throw ExitStatus.couldNotCheck
    }
    if status != .passed { throw status }
  }

  /// The folder for each spec's differing rows: one a spec, so that tables of the same name do not
  /// share a file.
  private func differenceFolders(_ files: [SpecFile]) throws -> [DifferenceFolder]? {
    guard let differences else { return nil }
    if files.count > 1, !differences.contains("{spec}") {
      Terminal.errors.write(
        "error: with several specs the folder for --differences needs {spec} in it, such as "
          + "out/{spec}, not \(differences)\n")
      throw ExitStatus.wrong
    }
    do throws(DiskError) {
      return try files.map { file throws(DiskError) in
        try DifferenceFolder(differences.replacing("{spec}", with: file.identity.slug))
      }
    } catch {
      Terminal.errors.write("error: \(error.message); nothing was run\n")
      throw ExitStatus.wrong
    }
  }

  /// Variables are looked at as closely as flags: a limit that is not understood is no limit.
  private func demandSettings() throws {
    if let text = setting(nil, "PARITY_JOBS"), !(1...64).contains(Int(text) ?? 0) {
      Terminal.errors.write("error: PARITY_JOBS is `\(text)`, not a number from 1 to 64\n")
      throw ExitStatus.wrong
    }
    if let seed = setting(nil, "PARITY_SEED"), !Composition.isSeed(seed) {
      Terminal.errors.write("error: PARITY_SEED takes 16 to 64 letters and digits\n")
      throw ExitStatus.wrong
    }
    if let text = setting(nil, "PARITY_TIMEOUT"), TimeSpan(text) == nil {
      Terminal.errors.write("error: PARITY_TIMEOUT is `\(text)`, not a duration such as 30m\n")
      throw ExitStatus.wrong
    }
  }

  /// Offline, so not for specs whose tables are found at run time: those are looked at then.
  private func demandMatches(in files: [SpecFile]) async throws {
    var plans: [Plan] = []
    for file in files {
      let (source, target) = try selection.sides(file)
      let planner = await file.planner(source, target, reversed: self.selection.reverse)
      if planner.neededCatalog != nil { return }
      plans.append(planner.plan())
    }
    try selection.demandMatches(in: plans)
  }

  private func setting(_ flag: String?, _ variable: String) -> String? {
    flag ?? options.environment[variable]
  }

  /// A spec with all that its run needs.
  private struct Prepared {
    let file: SpecFile
    let source: PostgresConnection
    let target: TargetConnection
    let planner: Planner
    let selection: Selection
    let composition: Composition
    let width: Int
    /// What is noted for the evidence while it runs.
    let record: RunRecord
    /// `nil` where nothing is selected, so that nothing needs to be reached.
    let connectors: (source: any Connector, target: any Connector)?
  }

  /// What of the command line makes a run smaller than its spec.
  private var selectionWords: [String] {
    selection.select.map { "--select \($0)" } + selection.exclude.map { "--exclude \($0)" }
      + (lastFailed ? ["--last-failed"] : []) + (selection.reverse ? ["--reverse"] : [])
  }

  private func prepare(_ file: SpecFile) async throws -> Prepared {
    let (source, target) = try selection.sides(file)
    let failedBefore = lastFailed ? LastRun(file.identity).failed : nil
    let chosen = try selection.selection(lastFailed: failedBefore)
    let width = setting(jobs.map(String.init), "PARITY_JOBS").flatMap { Int($0) } ?? 4
    let composition = Composition(environment: options.environment, jobs: width)
    let record = RunRecord(
      files: DiskFiles(besides: file.path), seed: composition.seed, selection: selectionWords)
    let planner = await file.planner(
      source, target, reversed: self.selection.reverse, reading: record.files)
    let isEmpty =
      planner.neededCatalog == nil && planner.plan().selected(by: chosen).ids.isEmpty
    var connectors: (source: any Connector, target: any Connector)?
    if !isEmpty {
      do throws(DatabaseError) {
        connectors = try composition.connectors(source, target)
      } catch {
        Terminal.errors.write(ErrorText(error).text)
        throw ExitStatus.wrong
      }
    }
    return Prepared(
      file: file, source: source, target: target, planner: planner, selection: chosen,
      composition: composition, width: width, record: record, connectors: connectors)
  }

  private func run(
    _ prepared: Prepared, _ stop: StopSwitch, _ written: DifferenceFiles?
  ) async throws -> RunResult {
    let (file, planner, chosen) = (prepared.file, prepared.planner, prepared.selection)
    guard let connectors = prepared.connectors else {
      return nothing(file, prepared.composition, prepared.source, prepared.target)
    }
    let progress = Progress(
      look: options.look(.errors), strict: strict, isLive: isLive, isSilent: format == .json)
    let ticker = Task {
      while !Task.isCancelled {
        progress.tick()
        try? await Task.sleep(for: .milliseconds(120))
      }
    }
    let whole = Mutex<Plan?>(nil)
    let record = prepared.record
    let runner = Runner(
      request: request(
        file, prepared.composition, prepared.source, prepared.target, width: prepared.width),
      source: record.logged(connectors.source, .source),
      target: record.logged(connectors.target, .target), neededCatalog: planner.neededCatalog,
      plan: { catalog in
        let plan = planner.plan(sourceTables: catalog)
        if catalog != nil { whole.withLock { $0 = plan } }
        let selected = plan.selected(by: chosen)
        record.note(selected)
        return selected
      },
      now: { Composition.now() }, stop: stop, files: record.files,
      differences: written, events: { progress.handle($0) })
    var result = await runner.run()
    if selection.reverse { result.command = again(result) }
    ticker.cancel()
    progress.end()
    if planner.neededCatalog != nil, let plan = whole.withLock({ $0 }) {
      try selection.demandMatches(in: [plan])
    }
    if result.conclusion != .nothingSelected, !selection.reverse {
      LastRun(file.identity).record(result)
    }
    return result
  }

  /// The command that looks once more for what a rollback would lose.
  private func again(_ result: RunResult) -> String {
    "parity run \(result.spec.path) --reverse" + (result.environment.map { " --env \($0)" } ?? "")
  }

  /// Lines redraw only where a person looks at them and no build server keeps a log.
  var isLive: Bool { Terminal.errors.isInteractive && options.environment["CI"] == nil }

  private func request(
    _ file: SpecFile, _ composition: Composition, _ source: PostgresConnection,
    _ target: TargetConnection, width: Int
  ) -> Runner.Request {
    Runner.Request(
      runID: composition.runID, toolVersion: Parity.version, spec: file.identity,
      environment: selection.chosenEnvironment, operatorName: NSUserName(),
      hostName: ProcessInfo.processInfo.hostName, declaredSource: source.declared,
      declaredTarget: target.declared, strict: strict, width: width,
      timeout: setting(timeout, "PARITY_TIMEOUT").flatMap { TimeSpan($0)?.seconds },
      maxFailures: stopAtFirst ? 1 : maxFail, method: digest)
  }

  private func nothing(
    _ file: SpecFile, _ composition: Composition, _ source: PostgresConnection,
    _ target: TargetConnection
  ) -> RunResult {
    let now = Composition.now()
    let request = request(file, composition, source, target, width: 1)
    return RunResult(
      runID: request.runID, toolVersion: request.toolVersion, spec: request.spec,
      environment: request.environment, operatorName: request.operatorName,
      hostName: request.hostName, startedAt: now, finishedAt: now,
      source: RunResult.SideResult(declared: source.declared, outcome: .notTried),
      target: RunResult.SideResult(declared: target.declared, outcome: .notTried), suites: [],
      strict: strict)
  }

  private func printList(_ files: [SpecFile]) async throws {
    var ids: [String] = []
    for file in files {
      let (source, target) = try selection.sides(file)
      let failedBefore = lastFailed ? LastRun(file.identity).failed : nil
      let selection = try selection.selection(lastFailed: failedBefore)
      let planner = await file.planner(source, target, reversed: self.selection.reverse)
      ids += planner.plan().selected(by: selection).ids.map(\.description)
      if let schema = planner.neededCatalog {
        Terminal.errors.write("and the checks of every table found in \(schema)\n")
      }
    }
    Terminal.output.write(ids.map { $0 + "\n" }.joined())
    if ids.isEmpty { throw ExitStatus.nothingSelected }
  }

  /// The exit code of all specs together: what is worst, but nothing selected only if nowhere.
  private static func status(of results: [RunResult], stop: StopSwitch) -> ExitStatus {
    let conclusions = Set(results.map(\.conclusion))
    if conclusions.contains(.interrupted) || stop.reason == .interrupt || stop.reason == .terminate
    {
      return stop.reason == .terminate ? .terminated : .interrupted
    }
    if conclusions.contains(.failed) { return .failed }
    let isMisconfigured = results.contains { result in
      [result.source, result.target].contains {
        if case .failed(let error) = $0.outcome { error.kind == .configuration } else { false }
      }
    }
    if isMisconfigured { return .wrong }
    if conclusions.contains(.couldNotCheck) { return .couldNotCheck }
    return conclusions == [.passed] || conclusions == [.passed, .nothingSelected]
      ? .passed : .nothingSelected
  }
}
