import Foundation
import Testing

/// The JSON report of a run, as a program reads it.
struct JSONReport {
  /// One case.
  struct Case {
    let id: String
    let outcome: String
    let summary: String
    /// The words of `unchecked.type`.
    let unchecked: [String]
    /// Words of what it was asked again after.
    let retries: [String]
  }

  let conclusion: String
  let interruption: String?
  let cases: [Case]
  /// The report as it was written.
  let text: String
  private let root: [String: Any]

  /// Reads the text of a report.
  init(_ text: String?) throws {
    guard let text else { throw Trouble("no report was written") }
    let value = try JSONSerialization.jsonObject(with: Data(text.utf8))
    guard let root = value as? [String: Any], root["format"] as? String == "parity.run/1",
      let conclusion = root["conclusion"] as? String, let cases = root["cases"] as? [[String: Any]]
    else { throw Trouble("not a report: \(text.prefix(300))") }
    self.root = root
    self.text = text
    self.conclusion = conclusion
    interruption = root["interruption"] as? String
    func types(_ value: Any?) -> [String] {
      (value as? [[String: Any]] ?? []).compactMap { $0["type"] as? String }
    }
    self.cases = cases.map { each in
      Case(
        id: each["id"] as? String ?? "", outcome: each["outcome"] as? String ?? "",
        summary: each["summary"] as? String ?? "", unchecked: types(each["unchecked"]),
        retries: types(each["retries"]))
    }
  }

  /// How many cases ended so.
  func count(_ outcome: String) -> Int { cases.count { $0.outcome == outcome } }

  /// The outcome of the case with this end of its id.
  func outcome(_ end: String) -> String? { cases.first { $0.id.hasSuffix(end) }?.outcome }

  /// The summary of the case with this end of its id.
  func summary(_ end: String) -> String? { cases.first { $0.id.hasSuffix(end) }?.summary }

  /// All words of why something was not checked.
  var unchecked: Set<String> { Set(cases.flatMap(\.unchecked)) }

  /// How many cases the report counts under this word.
  func counted(_ word: String) -> Int? { (root["counts"] as? [String: Any])?[word] as? Int }

  /// The run's unique name.
  var runID: String { root["run_id"] as? String ?? "" }

  /// The target as the spec writes it.
  var target: String? { (root["target"] as? [String: Any])?["declared"] as? String }

  /// The text of every statement that was sent.
  var statements: [String] {
    (root["cases"] as? [[String: Any]] ?? []).flatMap { each in
      (each["statements"] as? [[String: Any]] ?? []).compactMap { $0["sql"] as? String }
    }
  }

  /// How many rows the statements of the case with this end of its id returned.
  func rows(of end: String) -> Int {
    (root["cases"] as? [[String: Any]] ?? [])
      .filter { ($0["id"] as? String ?? "").hasSuffix(end) }
      .flatMap { $0["statements"] as? [[String: Any]] ?? [] }
      .reduce(0) { $0 + ($1["rows"] as? Int ?? 0) }
  }

  /// The word for a side's error: `source` or `target`.
  func error(_ side: String) -> String? {
    ((root[side] as? [String: Any])?["error"] as? [String: Any])?["type"] as? String
  }
}

/// Where a run's reports go in these tests.
let reportOptions = ["--junit", "out/run.xml", "--json", "out/run.json"]

/// A run and its reports.
struct Report {
  let run: Outcome
  let json: JSONReport
  let junit: String
}

extension Sandbox {
  /// Runs `shop.yml` with both reports and expects what must hold for any run.
  ///
  /// That is: it ends in time, both reports can be read, JUnit agrees with JSON, memory stays below
  /// 300 MiB, and nothing secret is said anywhere.
  func report(
    _ arguments: String..., with more: [String: String] = [:], secrets: [String] = [],
    within limit: Double = 20, location: SourceLocation = #_sourceLocation
  ) throws -> Report {
    let program = try start(
      ["run", "shop.yml"] + reportOptions + arguments, with: more)
    return try report(
      of: program.finish(within: limit), secrets: secrets, location: location)
  }

  /// Reads the reports of a run that ended, and expects what must hold for any run.
  func report(
    of run: Outcome, secrets: [String] = [], location: SourceLocation = #_sourceLocation
  ) throws -> Report {
    let (json, junit) = (read("out/run.json"), read("out/run.xml") ?? "")
    #expect(!run.isOverdue, "it took too long", sourceLocation: location)
    #expect(run.mebibytes < 300, sourceLocation: location)
    let homes = Set([Servers.snowflakeHome, environment["SNOWFLAKE_HOME"] ?? ""])
    let known = homes.flatMap(Standin.secrets(in:))
    #expect(known.count > 20, "the tests know no secrets", sourceLocation: location)
    for secret in secrets + known where secret.count > 5 {
      let isShown = (run.all + junit + (json ?? "")).contains(secret)
      #expect(!isShown, "a secret is shown: \(secret.prefix(4))…", sourceLocation: location)
    }
    let report = Report(run: run, json: try JSONReport(json), junit: junit)
    #expect(
      files(in: "out") == ["run.json", "run.xml"], "drafts are left", sourceLocation: location)
    expectAgreement(report, location)
    try JUnitReaders.expectGood(file("out/run.xml"), location)
    return report
  }

  private func expectAgreement(_ report: Report, _ location: SourceLocation) {
    let expected: [Int32: String] = [
      0: "passed", 1: "failed", 3: "could_not_check", 4: "nothing_selected", 130: "interrupted",
      143: "interrupted",
    ]
    #expect(
      report.json.conclusion == expected[report.run.status] ?? "could_not_check",
      "exit code \(report.run.status)\n\(report.run.all)", sourceLocation: location)
    #expect(
      report.junit.components(separatedBy: "<failure").count - 1 == report.json.counted("failed"),
      sourceLocation: location)
  }
}

/// Programs that read JUnit XML, where they are installed.
enum JUnitReaders {
  /// A script that checks more rules, from `PARITY_JUNIT_CHECK`.
  private static let checker = ProcessInfo.processInfo.environment["PARITY_JUNIT_CHECK"]

  /// Reads file after file: starting Python for each would take longer than the runs.
  private static let script = """
    import sys, junitparser
    for line in sys.stdin:
        path = line.rstrip("\\n")
        try:
            report = junitparser.JUnitXml.fromfile(path)
            cases = [case for suite in report for case in suite]
            good = bool(cases) and all(case.name and case.classname for case in cases)
            print("good" if good else "empty names in", path, flush=True)
        except Exception as error:
            print("bad", repr(error), path, flush=True)
    """

  /// The parser's process and the pipe that leads to it.
  private static let parser: Result<(Program, FileHandle), any Error> = Result {
    guard let python = Package.python else { throw Trouble("there is no .venv") }
    let sandbox = try Sandbox()
    guard mkfifo(sandbox.file("paths"), 0o600) == 0 else { throw Trouble("no pipe") }
    // Only this process may hold it open: the parser ends when nobody does.
    let descriptor = open(sandbox.file("paths"), O_RDWR | O_CLOEXEC)
    let pipe = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    let program = try Program(
      python, ["-c", script], in: "/", environment: sandbox.environment,
      input: .file(sandbox.file("paths")))
    atexit { _ = try? JUnitReaders.parser.get().0.finish(within: 0) }
    return (program, pipe)
  }

  /// Expects that the third-party parser and the checker, where there is one, read the file.
  static func expectGood(_ path: String, _ location: SourceLocation) throws {
    if Package.python != nil {
      let (program, pipe) = try parser.get()
      try pipe.write(contentsOf: Data("\(path)\n".utf8))
      let verdict = eventually { program.outputSoFar.contains(path) }
      let line = program.outputSoFar.split(separator: "\n").first { $0.hasSuffix(path) } ?? ""
      #expect(verdict && line.hasPrefix("good"), "\(line)", sourceLocation: location)
    }
    guard let checker, let python = Package.python else { return }
    let checked = try Program(
      python, [checker, path], in: "/",
      environment: ProcessInfo.processInfo.environment
    ).finish()
    #expect(checked.status == 0, "\(checked.all)", sourceLocation: location)
  }
}
