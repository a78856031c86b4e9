import ArgumentParser
import Foundation
import Reporting
import Runner
import SpecCore

/// What standard output of a watch carries.
enum WatchFormat: String, CaseIterable, ExpressibleByArgument {
  case text, jsonl
}

/// Follows a migration until the target is ready.
struct WatchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch", abstract: "Follow a migration until the target is ready.",
    discussion: """
      Exit codes: 0 ready, 1 the deadline has passed and the target is not ready, 2 usage, spec or \
      configuration wrong, 3 the deadline has passed and it could not be told, 4 nothing selected, \
      130 or 143 interrupted.
      """)

  @OptionGroup var options: SpecOptions
  @OptionGroup var selection: SelectionOptions

  @Option(help: "From one look to the next, such as 30s. Default: the spec's, else 60s.")
  var every: String?

  @Option(help: "When nobody waits any longer, such as 2h. Default: the spec's, else 24h.")
  var deadline: String?

  @Option(help: "In how many looks in a row it must be ready. Default: the spec's, else 3.")
  var ticks: Int?

  @Flag(help: "Look once, and stop.")
  var once = false

  @Option(help: "Tables looked at at a time. Default: 4.")
  var jobs: Int?

  @Option(help: "Add a line of JSON for each look to that file.")
  var jsonl: String?

  @Option(help: "What standard output carries.")
  var format = WatchFormat.text

  func validate() throws {
    if selection.reverse { throw ValidationError("--reverse belongs to run and plan.") }
    if let every, (TimeSpan(every)?.seconds ?? 0) < 0.1 {
      throw ValidationError("--every takes a duration of 100ms or more, such as 30s.")
    }
    if let deadline, (TimeSpan(deadline)?.seconds ?? 0) <= 0 {
      throw ValidationError("--deadline takes a duration such as 90s, 30m or 2h.")
    }
    if let ticks, !(1...1_000).contains(ticks) {
      throw ValidationError("--ticks takes a number from 1 to 1000.")
    }
    if let jobs, !(1...64).contains(jobs) {
      throw ValidationError("--jobs takes a number from 1 to 64.")
    }
    if options.specs.count > 1 { throw ValidationError("watch takes one spec.") }
  }

  func run() async throws {
    let files = try options.read()
    guard let file = files.first, files.count == 1 else {
      Terminal.errors.write("error: watch takes one spec, and there are several: name one\n")
      throw ExitStatus.wrong
    }
    let (source, target) = try selection.sides(file)
    let planner = await file.planner(source, target)
    let chosen = try selection.selection()
    if planner.neededCatalog == nil { try selection.demandMatches(in: [planner.plan()]) }
    let width = jobs ?? 4
    let composition = Composition(environment: options.environment, jobs: width)
    let connectors: (source: any Connector, target: any Connector)
    do throws(DatabaseError) {
      connectors = try composition.connectors(source, target)
    } catch {
      Terminal.errors.write(ErrorText(error).text)
      throw ExitStatus.wrong
    }
    let request = request(file.spec.watch, width)
    let display = try display(file, composition, request)
    let stop = StopSwitch()
    let signals = Signals(stopping: stop)
    defer { signals.end() }
    display.begin(request.ready, deadline: request.deadline, once: once)
    let ticker = Task {
      while !Task.isCancelled {
        display.tick()
        try? await Task.sleep(for: .milliseconds(500))
      }
    }
    let watcher = Watcher(
      request: request, source: connectors.source, target: connectors.target,
      neededCatalog: planner.neededCatalog,
      plan: { planner.watch(sourceTables: $0, selection: chosen) },
      now: { Composition.now() }, stop: stop, report: { display.show($0, $1) })
    let result = await watcher.run()
    ticker.cancel()
    let status = Self.status(of: result)
    display.end(result, status)
    if status != .passed { throw status }
    if display.isFileBroken { throw ExitStatus.couldNotCheck }
  }

  /// Flags count more than the spec, the spec more than the defaults.
  private func request(_ spec: WatchSpec?, _ width: Int) -> Watcher.Request {
    var ready = ReadyCondition(spec?.ready)
    ready.ticks = ticks ?? ready.ticks
    return Watcher.Request(
      every: every.flatMap { TimeSpan($0)?.seconds } ?? spec?.every?.seconds
        ?? WatchSpec.defaultEvery,
      deadline: deadline.flatMap { TimeSpan($0)?.seconds } ?? spec?.deadline?.seconds
        ?? WatchSpec.defaultDeadline,
      once: once, width: width, ready: ready,
      stalledAfter: spec?.stalledAfter ?? WatchSpec.defaultStalledAfter)
  }

  private func display(
    _ file: SpecFile, _ composition: Composition, _ request: Watcher.Request
  ) throws -> WatchDisplay {
    let lines: LineFile?
    do throws(DiskError) {
      lines = try jsonl.map { path throws(DiskError) in try LineFile(path) }
    } catch {
      Terminal.errors.write("error: \(error.message); nothing was looked at\n")
      throw ExitStatus.wrong
    }
    let name = selection.chosenEnvironment.map { "\(file.identity.name)  \($0)" }
    let isSilent = format == .jsonl
    // Lines redraw only where a person looks at them and no build server keeps a log.
    let isLive =
      !isSilent && Terminal.errors.isInteractive && options.environment["CI"] == nil
    return WatchDisplay(
      view: WatchView(
        title: name ?? file.identity.name, every: request.every,
        look: options.look(isLive ? .errors : .output)),
      json: WatchJSON(
        runID: composition.runID, spec: file.identity, environment: selection.chosenEnvironment,
        startedAt: Composition.now(), condition: request.ready),
      every: request.every, isLive: isLive, isJSON: isSilent, file: lines)
  }

  /// 1 where something is seen not to be as it must be, 3 where that could not be told.
  static func status(of result: Watcher.Result) -> ExitStatus {
    switch result.end {
    case .ready: return .passed
    case .interrupted(.terminate): return .terminated
    case .interrupted: return .interrupted
    case .unknownTables: return .wrong
    case .nothing: return .nothingSelected
    case .once, .deadline:
      guard let report = result.report, report.failures.isEmpty else { return .couldNotCheck }
      if report.isBehind { return .failed }
      if !report.holds { return .couldNotCheck }
      // Good, and at the deadline not for long enough.
      return result.end == .once ? .passed : .failed
    }
  }
}
