import Diagnostics
import SpecCore

/// Puts what changed between two runs into words: as text, as Markdown, and for programs.
package struct ComparisonReporter: Sendable {
  /// The format of the JSON document.
  package static let format = "parity.comparison/1"

  private let comparison: RunComparison
  /// How many lines of one kind the text and Markdown tell.
  private let most: Int

  package init(_ comparison: RunComparison, most: Int = 100) {
    self.comparison = comparison
    self.most = most
  }

  /// One kind of change with its lines.
  private struct Part {
    let title: String
    let lines: [String]
    var isWorse = false
  }

  // MARK: Text

  /// For terminals and logs; the last line says whether something got worse.
  package func text(look: Look = .plain) -> String {
    var lines = [
      "earlier  \(told(comparison.earlier))", "later    \(told(comparison.later))", "",
    ]
    for part in parts {
      let title = "\(part.title): \(grouped(part.lines.count))"
      lines.append(part.isWorse ? look.style.red(title) : look.style.bold(title))
      lines += part.lines.prefix(most).map { "  \($0)" }
      if part.lines.count > most { lines.append("  and \(grouped(part.lines.count - most)) more") }
      lines.append("")
    }
    let colour = comparison.isWorse ? look.style.red : look.style.green
    lines.append("\(colour(word))  \(sentence)")
    return lines.map { $0 + "\n" }.joined()
  }

  /// For job summaries and reviews.
  package func markdown() -> String {
    var text = "## \(word): \(MarkdownReporter.plain(sentence))\n\n"
    text += "| | run | began | environment | conclusion |\n| --- | --- | --- | --- | --- |\n"
    for (name, run) in [("earlier", comparison.earlier), ("later", comparison.later)] {
      text +=
        "| \(name) | \(MarkdownReporter.plain(run.id)) | \(run.startedAt) "
        + "| \(MarkdownReporter.plain(run.environment)) | \(run.conclusion.word) |\n"
    }
    for part in parts {
      text += "\n### \(part.title): \(grouped(part.lines.count))\n\n"
      text += part.lines.prefix(most).map { "- \(MarkdownReporter.plain($0))\n" }.joined()
      if part.lines.count > most { text += "- and \(grouped(part.lines.count - most)) more\n" }
    }
    return text
  }

  private var word: String {
    comparison.isWorse ? "WORSE" : comparison.isUnchanged ? "UNCHANGED" : "NOT WORSE"
  }

  private var sentence: String {
    let worse = parts.filter(\.isWorse).map { "\($0.title) \(grouped($0.lines.count))" }
    if comparison.isUnchanged { return "nothing changed between the two runs" }
    return worse.isEmpty ? "nothing got worse" : worse.joined(separator: ", ")
  }

  private func told(_ run: RunComparison.Run) -> String {
    "\(oneLine(run.id)), \(run.startedAt), environment \(oneLine(run.environment)): "
      + run.conclusion.word
  }

  private var parts: [Part] {
    var parts: [Part] = []
    if comparison.earlier.conclusion != comparison.later.conclusion {
      parts.append(
        Part(
          title: "verdict",
          lines: ["\(comparison.earlier.conclusion.word) → \(comparison.later.conclusion.word)"],
          isWorse: comparison.isVerdictWorse))
    }
    let bad = comparison.appeared.filter { $0.after != .passed }
    let good = comparison.appeared.filter { $0.after == .passed }
    parts += [
      Part(title: "newly failing", lines: comparison.newlyFailing.map(told), isWorse: true),
      Part(
        title: "newly could not check", lines: comparison.newlyUnchecked.map(told), isWorse: true),
      Part(
        title: "newly warned or waived", lines: comparison.newlyExcused.map(told), isWorse: true),
      Part(title: "vanished checks", lines: comparison.vanished.map(told), isWorse: true),
      Part(title: "new checks that do not pass", lines: bad.map(told), isWorse: true),
      Part(title: "healed", lines: comparison.healed.map(told)),
      Part(title: "new checks that pass", lines: good.map(told)),
      Part(
        title: "changed otherwise", lines: comparison.otherwise.map(told),
        isWorse: comparison.otherwise.contains {
          RunComparison.rank($0.after) > RunComparison.rank($0.before)
        }),
      findings("changed findings of roles and rights") { $0.section == "security" },
      findings("changed findings") { $0.section != "security" },
      Part(title: "changed numbers of roles and rights", lines: comparison.grants.map(told)),
      Part(title: "drifted row counts", lines: comparison.rows.map(told)),
      queries("slower queries", isWorse: true) { $0.isSlower },
      queries("faster queries") { !$0.isSlower },
      Part(
        title: "sides and settings",
        lines: comparison.facts.map { "\($0.name): \($0.before) → \($0.after)" }),
      list("exceptions and waivers", comparison.excuses),
      list("asked of people", comparison.people),
    ]
    if let spec = comparison.spec { parts.append(part(spec)) }
    return parts.filter { !$0.lines.isEmpty }
  }

  private func told(_ change: RunComparison.Change) -> String {
    let id = oneLine(redacted(change.id))
    let words = { (standing: Standing?) in standing?.label.lowercased() ?? "not there" }
    let summary = change.summaryAfter ?? change.summaryBefore ?? ""
    if change.before == change.after {
      return "\(id): \(change.summaryBefore ?? "") → \(change.summaryAfter ?? "")"
    }
    return "\(id): \(words(change.before)) → \(words(change.after))"
      + (summary.isEmpty ? "" : ", \(summary)")
  }

  private func findings(
    _ title: String, _ isMeant: (RunComparison.FindingChange) -> Bool
  ) -> Part {
    let changes = comparison.findings.filter(isMeant)
    return Part(
      title: title,
      lines: changes.flatMap { change in
        change.removed.map { "\(oneLine(change.id)): no more: \($0)" }
          + change.added.map { "\(oneLine(change.id)): new: \($0)" }
      }, isWorse: changes.contains { !$0.added.isEmpty })
  }

  private func told(_ change: RunComparison.RowChange) -> String {
    let difference = change.after - change.before
    return "\(oneLine(change.object)), \(change.side.rawValue): \(grouped(change.before)) → "
      + "\(grouped(change.after)) (\(difference > 0 ? "+" : "")\(grouped(difference)))"
  }

  private func queries(
    _ title: String, isWorse: Bool = false, _ isMeant: (RunComparison.QueryChange) -> Bool
  ) -> Part {
    let limit = fixed(RunComparison.share * 100, decimals: 0)
    let least = spoken(seconds: RunComparison.seconds)
    return Part(
      title: "\(title) (a percentile by more than \(limit) % and \(least))",
      lines: comparison.queries.filter(isMeant).map {
        "\(oneLine($0.query)), \($0.side.rawValue), \($0.percentile) by the \($0.clock.rawValue)'s "
          + "clock: \(spoken(seconds: $0.before)) → \(spoken(seconds: $0.after))"
      }, isWorse: isWorse)
  }

  private func list(_ title: String, _ changes: [RunComparison.ListChange]) -> Part {
    Part(title: title, lines: changes.map { "\($0.isAdded ? "new" : "no more"): \($0.words)" })
  }

  private func part(_ spec: RunComparison.SpecChange) -> Part {
    let digests = "sha256 \(spec.before.prefix(12))… → \(spec.after.prefix(12))…"
    guard let lines = spec.lines else {
      return Part(
        title: "spec", lines: [digests, "its lines are not compared: not at hand, or too many"])
    }
    return Part(
      title: "spec",
      lines: [digests]
        + lines.map { "\($0.isAdded ? "+" : "-") line \($0.line): \(oneLine(redacted($0.text)))" })
  }
}

// MARK: JSON

extension ComparisonReporter {
  /// Everything that changed, for programs; `docs/report.md` describes each field.
  package func json() -> String {
    let changes: [(String, [RunComparison.Change])] = [
      ("newly_failing", comparison.newlyFailing),
      ("newly_could_not_check", comparison.newlyUnchecked),
      ("newly_excused", comparison.newlyExcused), ("healed", comparison.healed),
      ("changed", comparison.otherwise), ("appeared", comparison.appeared),
      ("vanished", comparison.vanished), ("grants", comparison.grants),
    ]
    let members: [(String, JSONValue)] = [
      ("format", .string(Self.format)), ("worse", .bool(comparison.isWorse)),
      ("earlier", run(comparison.earlier)), ("later", run(comparison.later)),
    ]
    return JSONValue.object(
      members + changes.map { ($0.0, .array($0.1.map(change))) } + details
    ).rendered() + "\n"
  }

  private var details: [(String, JSONValue)] {
    [
      (
        "findings",
        .array(
          comparison.findings.map {
            [("id", .text($0.id)), ("added", .texts($0.added)), ("removed", .texts($0.removed))]
          }.map { .object($0) })
      ),
      (
        "rows",
        .array(
          comparison.rows.map {
            .object([
              ("object", .text($0.object)), ("side", .string($0.side.rawValue)),
              ("before", .integer($0.before)), ("after", .integer($0.after)),
            ])
          })
      ),
      (
        "queries",
        .array(
          comparison.queries.map {
            .object([
              ("query", .text($0.query)), ("side", .string($0.side.rawValue)),
              ("clock", .string($0.clock.rawValue)), ("percentile", .string($0.percentile)),
              ("before", .seconds($0.before)), ("after", .seconds($0.after)),
              ("slower", .bool($0.isSlower)),
            ])
          })
      ),
      ("spec", comparison.spec.map(spec) ?? .null),
      (
        "facts",
        .array(
          comparison.facts.map {
            .object([
              ("name", .text($0.name)), ("before", .text($0.before)), ("after", .text($0.after)),
            ])
          })
      ),
      ("exceptions", list(comparison.excuses)), ("people", list(comparison.people)),
    ]
  }

  private func run(_ run: RunComparison.Run) -> JSONValue {
    .object([
      ("run_id", .text(run.id)), ("started_at", .time(run.startedAt)),
      ("environment", .text(run.environment)), ("conclusion", .string(run.conclusion.rawValue)),
      ("spec_sha256", .text(run.specSHA256)),
    ])
  }

  private func change(_ change: RunComparison.Change) -> JSONValue {
    func word(_ standing: Standing?) -> JSONValue { standing.map { .string("\($0)") } ?? .null }
    return .object([
      ("id", .text(change.id)), ("before", word(change.before)), ("after", word(change.after)),
      ("summary_before", .optional(change.summaryBefore)),
      ("summary_after", .optional(change.summaryAfter)),
    ])
  }

  private func spec(_ spec: RunComparison.SpecChange) -> JSONValue {
    let lines = spec.lines.map { lines in
      JSONValue.array(
        lines.map {
          .object([
            ("line", .integer($0.line)), ("added", .bool($0.isAdded)), ("text", .text($0.text)),
          ])
        })
    }
    return .object([
      ("before", .string(spec.before)), ("after", .string(spec.after)), ("lines", lines ?? .null),
    ])
  }

  private func list(_ changes: [RunComparison.ListChange]) -> JSONValue {
    .array(
      changes.map { .object([("added", .bool($0.isAdded)), ("words", .text($0.words))]) })
  }
}
