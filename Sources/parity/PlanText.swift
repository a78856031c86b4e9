import Runner
import SpecCore

/// A plan as people read it; the same bytes for the same spec.
struct PlanText {
  let identity: SpecIdentity
  let plan: Plan
  /// The schema whose tables are all compared, where they are known at run time only.
  let isOpen: String?
  /// What sentences call the target.
  let target: String
  /// Whether only what a rollback would lose is looked for.
  var isReversed = false

  var text: String {
    var lines = ["\(identity.name)  (\(identity.path), sha256:\(identity.sha256.prefix(8)))", ""]
    if !plan.exceptions.isEmpty {
      lines.append("Exceptions, to be looked at by whoever signs:")
      for exception in plan.exceptions {
        let reason = exception.because ?? "no reason given"
        let stop = reason.last == "." ? "" : "."
        lines.append("  - \(exception.sentence) Because: \(reason)\(stop)")
      }
      lines.append("")
    }
    if let isOpen {
      lines += [
        "Every table of \(isOpen) in Postgres, as found when it is run:"
      ]
      lines +=
        isReversed
        ? reverseLines
        : [
          "  2a  exists       It is there in Postgres and in \(target).",
          "  2b  row_count    There are as many rows in \(target) as in Postgres.",
          "  2b  columns      The same columns, with types that can hold every value.",
          "  2b  constraints  Keys, references, rules and defaults are there and hold on its rows.",
          "  2c  checksum     Every value of every row is the same, row by row.",
        ]
      lines += ["  (unless the defaults of the spec say otherwise)", ""]
    }
    for suite in plan.suites {
      lines.append(suite.title)
      let width = suite.steps.map(\.id.check.count).max() ?? 0
      for step in suite.steps {
        let check = step.id.check.padding(to: width)
        let warns = step.severity == .warn ? " Only warns." : ""
        lines.append("  \(step.clause)  \(check)  \(step.sentence)\(warns)")
      }
      lines.append("")
    }
    if !plan.waivers.isEmpty {
      lines.append("waivers")
      lines += plan.waivers.map { "      \($0.sentence)" }
      lines.append("")
    }
    lines += people
    let count = counted(plan.ids.count, "check")
    lines.append(
      isOpen == nil ? "\(count) planned" : "\(count) planned, and those of every table found")
    return lines.joined(separator: "\n") + "\n"
  }

  private var reverseLines: [String] {
    [
      "  8b  exists       It is there in Postgres and in \(target).",
      "  8b  row_count    \(target) holds no more rows than Postgres.",
      "  8b  checksum     Postgres holds every row and every value that \(target) holds.",
    ]
  }

  /// Who is asked, and who signs.
  private var people: [String] {
    var lines: [String] = []
    if !plan.asked.isEmpty {
      lines.append("Asked of people, who answer with `parity attest`:")
      lines +=
        plan.asked.map { "  \($0.clause.padding(to: 2))  \($0.question) (\($0.approver))" } + [""]
    }
    guard let signOff = plan.signOff else { return lines }
    lines.append("To be signed, with `parity sign`:")
    let width = signOff.required.map(\.role.count).max() ?? 0
    lines += signOff.required.map { "  9  \($0.role.padding(to: width))  \($0.email)" }
    let roles = Dictionary(grouping: signOff.required, by: \.email)
    for signer in signOff.required where roles[signer.email]?.first == signer {
      guard let several = roles[signer.email], several.count > 1 else { continue }
      let list = several.map(\.role).joined(separator: ", ")
      lines.append("  \(signer.email) signs in several roles: \(list).")
    }
    return lines + [""]
  }

  /// The statements that will read data, each under its check.
  static func statements(_ entries: [StatementPreview.Entry]) -> String {
    var lines: [String] = []
    for entry in entries {
      lines.append("-- \(entry.step.id): \(entry.step.sentence)")
      for statement in entry.statements {
        lines.append("-- \(statement.side.rawValue)")
        lines.append("\(statement.sql);")
      }
      if let problem = entry.problem {
        lines.append(
          "-- could not be planned: \(problem.split(separator: "\n").joined(separator: " "))")
      } else {
        switch entry.reason {
        case .decidedByCatalog: lines.append("-- the catalogs alone decide")
        case .readsFiles: lines.append("-- files are read, and no database is asked")
        case .measures: lines.append("-- run again and again, and timed")
        case nil: lines.append("-- then narrows down, if the sides differ")
        }
      }
      lines.append("")
    }
    return lines.joined(separator: "\n")
  }
}

extension String {
  /// The text with blanks up to a width.
  func padding(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }
}

/// A database's refusal, for the terminal.
struct ErrorText {
  let error: DatabaseError

  init(_ error: DatabaseError) { self.error = error }

  var text: String {
    let code = error.code.map { " (\($0))" } ?? ""
    let hint = error.hint.map { "  = help: \($0)\n" } ?? ""
    return "error: \(error.message)\(code)\n\(hint)"
  }
}
