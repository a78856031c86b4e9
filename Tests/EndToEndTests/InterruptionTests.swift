import Foundation
import Testing

extension Live {
  /// A run that is stopped half-way: it ends soon, and its reports hold what was finished.
  @Suite("Interruptions (stand-in)", .serialized)
  struct InterruptionTests {
    let shop = Result { try Shop.shared() }
    private let tables = "orders:\n  severity: error\nslow: { constraints: skip, checksum: skip }"

    /// Starts a run and waits until it reads `slow` and all of `orders` is done.
    private func start(_ arguments: String..., options: [String: String] = [:]) throws
      -> (Sandbox, Program)
    {
      let sandbox = try shop.get().sandbox(tables)
      let program = try sandbox.start(
        ["run", "shop.yml"] + reportOptions + arguments, with: options)
      let isThere = try eventually {
        let isDone = ["constraints", "checksum"].allSatisfy {
          program.outputSoFar.contains("orders.\($0)")
        }
        return try isDone && Backends.count(reading: "slow") > 0
      }
      #expect(isThere, "it never came to read `slow`: \(program.outputSoFar)")
      return (sandbox, program)
    }

    private func expectHalf(_ report: Report, location: SourceLocation = #_sourceLocation) throws {
      for check in ["exists", "row_count", "columns", "constraints", "checksum"] {
        #expect(report.json.outcome("orders.\(check)") == "passed", sourceLocation: location)
      }
      #expect(report.json.outcome("slow.row_count") == "errored", sourceLocation: location)
      #expect(report.run.seconds < 6, sourceLocation: location)
      #expect(report.json.runID.hasPrefix("parity-"), sourceLocation: location)
      let areGone = try eventually(within: 3) {
        try Backends.count(ofRun: report.json.runID) == 0
      }
      #expect(areGone, "a statement still runs in Postgres", sourceLocation: location)
    }

    @Test(
      "a signal: reports are written, statements cancelled (stand-in)",
      arguments: [(SIGINT, 130, "interrupt"), (SIGTERM, 143, "terminate")]
        as [(Int32, Int32, String)])
    func signal(number: Int32, status: Int32, word: String) throws {
      let (sandbox, program) = try start()
      program.signal(number)
      let report = try sandbox.report(of: program.finish())
      #expect(report.run.status == status)
      #expect(report.json.interruption == word)
      #expect(report.run.errors.contains("stopping"))
      try expectHalf(report)
    }

    @Test("a second Ctrl-C ends at once (stand-in)")
    func twice() throws {
      let sink = try SilentServer()
      let sandbox = try shop.get().sandbox(tables)
      let program = try sandbox.start(
        ["run", "shop.yml"],
        with: [
          "SNOWFLAKE_CONNECTIONS_STANDIN_PORT": sink.port,
          "SNOWFLAKE_CONNECTIONS_STANDIN_HOST": "127.0.0.1",
        ])
      #expect(eventually { program.errorsSoFar.contains("connecting to the target") })
      program.signal(SIGINT)
      #expect(eventually { program.errorsSoFar.contains("once more to end at once") })
      program.signal(SIGINT)
      let run = program.finish()
      #expect(run.status == 130)
      #expect(run.seconds < 4)
    }

    @Test("--timeout: exit 3, what was finished stays (stand-in)")
    func timeout() throws {
      let (sandbox, program) = try start("--timeout", "3s")
      let report = try sandbox.report(of: program.finish())
      #expect(report.run.status == 3)
      #expect(report.json.interruption == "deadline")
      try expectHalf(report)
    }

    @Test("PARITY_TIMEOUT counts like --timeout (stand-in)")
    func timeoutVariable() throws {
      let sandbox = try shop.get().sandbox(tables)
      let report = try sandbox.report(with: ["PARITY_TIMEOUT": "1s"])
      #expect(report.run.status == 3)
      #expect(report.json.interruption == "deadline")
    }

    @Test("a failure seen before the time limit still is a failure (stand-in)")
    func failureFirst() throws {
      let sandbox = try shop.get().sandbox(
        "changed:\n  severity: error\nslow: { constraints: skip, checksum: skip }")
      let report = try sandbox.report("--timeout", "3s")
      #expect(report.run.status == 1)
      #expect(report.json.interruption == "deadline")
      #expect(report.json.outcome("changed.checksum") == "failed")
      #expect(report.json.outcome("slow.row_count") == "errored")
    }

    @Test("a stop before several specs are through: none of them passes unseen (stand-in)")
    func severalSpecs() throws {
      let sandbox = try shop.get().sandbox("[orders]")
      let text = try #require(sandbox.read("shop.yml"))
      try sandbox.write(
        text.replacingOccurrences(
          of: "[orders]", with: tables.replacingOccurrences(of: "\n", with: "\n  ")),
        to: "a.yml")
      try sandbox.write(text, to: "b.yml")
      let run = try sandbox.parity("run", "a.yml", "b.yml", "--timeout", "2s")
      #expect(run.status == 3)
      #expect(run.errors.contains("b.yml was not run"))
    }
  }
}
