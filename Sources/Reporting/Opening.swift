import Diagnostics
import SpecCore

/// What a run is about, before its first case: `shop.yml  rehearsal  54 checks  A → B`.
package func openingLine(
  spec: String, environment: String?, checks: Int, source: String, target: String, look: Look
) -> String {
  let file = spec.split(separator: "/").last.map(String.init) ?? spec
  let parts = [file, environment, counted(checks, "check")].compactMap { $0.map(oneLine) }
  let sides = "\(oneLine(redacted(source))) \(look.arrow) \(oneLine(redacted(target)))"
  return (parts + [sides]).joined(separator: "  ")
}

/// Who was compared, one line a side and one for each remark about it.
struct OpeningLines {
  let run: RunResult
  let look: Look

  var lines: [String] {
    let environment = run.environment.map { "  environment \(oneLine($0))" } ?? ""
    let name = oneLine(redacted("\(run.spec.name) (\(run.spec.path))"))
    let time = duration(run.finishedAt.seconds(since: run.startedAt))
    let byWhom = oneLine("by \(run.operatorName) on \(run.hostName)")
    return [
      look.style.bold("parity \(oneLine(run.toolVersion))  \(name)\(environment)"),
      "run     \(oneLine(run.runID)), \(run.startedAt), \(byWhom), \(time)",
      line("source", run.source), line("target", run.target),
    ] + notes
  }

  private func line(_ label: String, _ side: RunResult.SideResult) -> String {
    let words =
      switch side.outcome {
      case .connected(let facts):
        [
          "\(facts.engine) \(facts.version)", facts.name, "as \(facts.role)",
          facts.replica, "reading \(facts.readPoint)", facts.encryption,
        ].compactMap(\.self).joined(separator: ", ")
      case .failed(let error):
        "\(side.declared), not connected (\(error.kind.rawValue)): \(error.message)"
      case .notTried: "\(side.declared), not connected"
      }
    return "\(label)  \(oneLine(redacted(words)))"
  }

  private var notes: [String] {
    [run.source, run.target].flatMap { $0.facts?.notes ?? [] }.map {
      look.style.yellow("note") + "    " + oneLine(redacted($0))
    }
  }
}
