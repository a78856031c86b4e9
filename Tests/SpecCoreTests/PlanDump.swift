import Diagnostics
import SpecCore

/// A spec's offline plan, for each environment where it names some.
func dump(_ spec: Spec) -> String {
  let names = spec.environments.map { $0.map { Optional($0.name.value) } } ?? [nil]
  return names.map { name in
    guard case .found(let source, let target) = spec.sides(environment: name) else {
      return "no sides\n"
    }
    let planner = Planner(spec: spec, slug: "spec", source: source, target: target)
    let needed = planner.neededCatalog.map { "needs the tables of \($0)\n" } ?? ""
    return "\(name.map { "environment \($0)\n" } ?? "")\(source.declared) → \(target.declared)\n"
      + needed + dump(planner.plan())
  }.joined(separator: "\n")
}

/// Suites, steps and exceptions of a plan, one a line.
func dump(_ plan: Plan) -> String {
  var lines: [String] = []
  for suite in plan.suites {
    lines.append("\n\(suite.name) (\(suite.title))")
    for step in suite.steps {
      let tags = step.tags.isEmpty ? "" : " [\(step.tags.joined(separator: ", "))]"
      let weight = step.severity == .warn ? " warn" : ""
      lines.append("  \(step.id) §\(step.clause)\(weight)\(tags) @\(place(step.range))")
      lines.append("    \(step.sentence)")
    }
  }
  if !plan.waivers.isEmpty { lines.append("\nwaivers") }
  for each in plan.waivers {
    lines.append("  \(each.id) @\(place(each.waiver.range))")
    lines.append("    \(each.sentence)")
    lines.append(
      each.checks.isEmpty
        ? "    names nothing, nearest: \(each.nearest ?? "none")"
        : "    names \(each.checks.map(\.description).joined(separator: ", "))")
  }
  if !plan.asked.isEmpty { lines.append("\nasked") }
  for item in plan.asked {
    let within = item.within.map { " within \(Int($0))s" } ?? ""
    lines.append("  \(item.id) §\(item.clause) of \(item.approver)\(within) @\(place(item.range))")
    lines.append("    \(item.question)")
  }
  if let signOff = plan.signOff {
    lines.append("\nsigned by (\(signOff.signers ?? "no file"))")
    lines += signOff.required.map { "  \($0.role) \($0.email)" }
  }
  if !plan.exceptions.isEmpty { lines.append("\nexceptions") }
  for exception in plan.exceptions {
    lines.append("  \(exception.subject) @\(place(exception.range))")
    lines.append("    \(exception.sentence) Because: \(exception.because ?? "(no reason)")")
  }
  return lines.joined(separator: "\n") + "\n"
}

private func place(_ range: SourceRange) -> String { "\(range.start.line):\(range.start.column)" }
