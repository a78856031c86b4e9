import Foundation
import SpecCore
import Testing

/// What programs that are not ours make of the reports, where they are installed.
@Suite struct ReaderTests {
  static let repository = URL(fileURLWithPath: fixtures).pathComponents.dropLast(3)
    .reduce(URL(fileURLWithPath: "/")) { $0.appendingPathComponent($1) }
  static let checker = ProcessInfo.processInfo.environment["PARITY_JUNIT_CHECK"]
  static let python = tool(".venv/bin/python")
  static let junitparser = tool(".venv/bin/junitparser")
  static let xmllint = ["/usr/bin/xmllint", "/usr/local/bin/xmllint"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  private static func tool(_ path: String) -> String? {
    let path = repository.appendingPathComponent(path).path
    return FileManager.default.isExecutableFile(atPath: path) ? path : nil
  }

  /// The reports with this ending.
  private static func reports(_ ending: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: fixtures).filter { $0.hasSuffix(ending) }
      .sorted().map { "\(fixtures)/\($0)" }
  }

  /// Runs a program to its end and returns its exit status and what it printed.
  static func run(_ program: String, _ arguments: [String]) throws -> (Int32, String) {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self))
  }

  @Test(
    .enabled(if: checker != nil && python != nil),
    arguments: [("strict", ".junit.xml"), ("located", ".located.xml"), ("ant", ".ant.xml")])
  func checkerFindsNothing(_ profile: String, _ ending: String) throws {
    let python = try #require(Self.python)
    let checker = try #require(Self.checker)
    let schemas = ProcessInfo.processInfo.environment["PARITY_JUNIT_XSD"].map { ["--xsd", $0] }
    let reports = try Self.reports(ending)
    let (status, output) = try Self.run(
      python, [checker, "--profile", profile] + (schemas ?? []) + reports)
    #expect(status == 0, "\(output)")
  }

  @Test(.enabled(if: junitparser != nil)) func verifyAgreesWithTheRun() throws {
    let program = try #require(Self.junitparser)
    for sample in Sample.all {
      let (status, output) = try Self.run(program, ["verify", golden(sample, "junit.xml")])
      // A skipped case alone is no failure to JUnit's readers; the exit status of the run says so.
      let isBad =
        ![.passed, .couldNotCheck].contains(sample.run.conclusion)
        || sample.run.counts.errored > 0 || sample.run.suites.isEmpty
      #expect(status == (isBad ? 1 : 0), "\(sample.name): \(output)")
    }
  }

  @Test(.enabled(if: xmllint != nil)) func parses() throws {
    let program = try #require(Self.xmllint)
    let (status, output) = try Self.run(program, ["--noout"] + Self.reports(".xml"))
    #expect(status == 0, "\(output)")
  }
}
