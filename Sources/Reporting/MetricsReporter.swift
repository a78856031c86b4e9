package import SpecCore

/// Writes the numbers of a run as OpenMetrics 1.0 text, for those who graph them.
///
/// Labels hold names only, never values of rows. Every sample carries the spec and the
/// environment, so that the files of several runs can be collected together.
package struct MetricsReporter: Reporter {
  /// The media type of the text.
  package static let mediaType = "application/openmetrics-text; version=1.0.0; charset=utf-8"

  package init() {}

  package func render(_ run: RunResult) -> String {
    var text = MetricsText(common: [
      ("spec", run.spec.slug), ("environment", run.environment ?? "default"),
    ])
    whole(run, &text)
    tables(run, &text)
    text.family(
      "parity_check_duration_seconds", unit: "seconds",
      help: "Wall time of the statements of a check.")
    let cases = run.reportedSuites.flatMap(\.cases)
    for each in cases { text.sample([("check", each.id.description)], each.seconds) }
    text.family(
      "parity_check_outcome",
      help: "1 for the outcome of each check: passed, failed, warned, waived, errored or skipped.")
    for each in cases {
      let standing = each.standing(strict: run.strict)
      text.sample([("check", each.id.description), ("outcome", "\(standing)")], 1)
    }
    queries(run, &text)
    return text.finished
  }

  private func whole(_ run: RunResult, _ text: inout MetricsText) {
    text.family("parity_run", type: "info", help: "The run, in labels; always 1.")
    text.sample(
      [
        ("run", run.runID), ("version", run.toolVersion), ("spec_sha256", run.spec.sha256),
        ("source", run.source.facts?.fingerprint ?? ""),
        ("target", run.target.facts?.fingerprint ?? ""),
      ], 1)
    text.family(
      "parity_run_conclusion",
      help: "1 for what the run concluded, 0 for everything that it did not.")
    let conclusions: [RunResult.Conclusion] = [
      .passed, .failed, .couldNotCheck, .nothingSelected, .interrupted,
    ]
    for each in conclusions {
      text.sample([("conclusion", each.rawValue)], run.conclusion == each ? 1 : 0)
    }
    text.family("parity_run_checks", help: "Checks by outcome.")
    let counts = run.counts
    for (word, count) in [
      ("passed", counts.passed), ("failed", counts.failed), ("warned", counts.warned),
      ("waived", counts.waived), ("errored", counts.errored), ("skipped", counts.skipped),
    ] { text.sample([("outcome", word)], Double(count)) }
    text.family(
      "parity_run_started_timestamp_seconds", unit: "seconds",
      help: "When the run began, in seconds since 1970.")
    text.sample([], Double(run.startedAt.microseconds) / 1_000_000)
    text.family("parity_run_duration_seconds", unit: "seconds", help: "Wall time of the run.")
    text.sample([], max(0, run.finishedAt.seconds(since: run.startedAt)))
  }

  /// The rows of each object once, whichever of its checks counted them.
  private func tables(_ run: RunResult, _ text: inout MetricsText) {
    text.family("parity_table_rows", help: "Rows of an object on a side, as the run counted them.")
    for suite in run.suites {
      for side in Side.allCases {
        // An object is one suite; checks of a part of its rows come after the count of all.
        let known = suite.cases.compactMap { $0.verdict.content?[side] }
        guard let content = known.first(where: { $0.rows != nil }), let rows = content.rows else {
          continue
        }
        text.sample(
          [("object", suite.name), ("side", side.rawValue), ("table", content.name)], Double(rows))
      }
    }
  }

  private func queries(_ run: RunResult, _ text: inout MetricsText) {
    text.family(
      "parity_query_seconds", unit: "seconds",
      help: "Percentiles of a timed query by nearest rank; quantile 1 is the longest run.")
    for suite in run.suites {
      guard let timings = suite.cases.lazy.compactMap(\.verdict.timings).first else { continue }
      for side in timings.sides {
        for clock in TimingClock.allCases {
          guard let times = side.times(by: clock) else { continue }
          for (percent, quantile) in [(50, "0.5"), (95, "0.95"), (100, "1")] {
            guard let seconds = percentile(percent, of: times) else { continue }
            text.sample(
              [
                ("query", suite.name), ("side", side.side.rawValue), ("clock", clock.rawValue),
                ("quantile", quantile),
              ], seconds)
          }
        }
      }
    }
  }
}

/// Writes families of gauges one after the other; one without samples is left out.
private struct MetricsText {
  let common: [(String, String)]
  private var text = ""
  private var head = ""
  private var name = ""
  /// The labels of the family so far: a sample may be there once.
  private var taken: Set<String> = []

  init(common: [(String, String)]) { self.common = common }

  mutating func family(
    _ name: String, type: String = "gauge", unit: String? = nil, help: String
  ) {
    // The one kind whose samples have a longer name than their family.
    self.name = type == "info" ? "\(name)_info" : name
    taken = []
    head = "# TYPE \(name) \(type)\n"
    if let unit { head += "# UNIT \(name) \(unit)\n" }
    head += "# HELP \(name) \(Self.escaped(help))\n"
  }

  /// A second sample with the same labels would make the whole file invalid, so it is left out.
  mutating func sample(_ labels: [(String, String)], _ value: Double) {
    let words = (common + labels).map { "\($0.0)=\"\(Self.escaped($0.1))\"" }
      .joined(separator: ",")
    guard taken.insert(words).inserted else { return }
    text += head + "\(name){\(words)} \(Self.number(value))\n"
    head = ""
  }

  /// The whole text with its end, without which a reader takes it for cut short.
  var finished: String { text + "# EOF\n" }

  private static func escaped(_ text: String) -> String {
    var output = ""
    for scalar in redacted(text).unicodeScalars {
      switch scalar {
      case "\\": output += "\\\\"
      case "\"": output += "\\\""
      case "\n": output += "\\n"
      default: output.unicodeScalars.append(scalar)
      }
    }
    return output
  }

  /// Whole numbers without a fraction, others to the microsecond.
  private static func number(_ value: Double) -> String {
    guard value.isFinite else { return "NaN" }
    let rounded = (value * 1_000_000).rounded() / 1_000_000
    return rounded == rounded.rounded() && abs(rounded) < 9e15
      ? String(Int64(rounded)) : rounded.description
  }
}
