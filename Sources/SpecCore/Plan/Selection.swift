/// Which steps of a plan are wanted: `--select`, `--exclude` and `--last-failed`.
package struct Selection: Sendable {
  private let select: [Word]
  private let exclude: [Word]
  private let lastFailed: Set<String>?

  /// One word of a selection, as written and as meant.
  private struct Word: Sendable {
    let text: String
    let term: Term
  }

  private enum Term: Sendable {
    case id([UInt8])
    case table(String)
    case check(String)
    case tag(String)
    case section(String)
    case clause(String)
  }

  /// A word that is not a selection.
  package struct Mistake: Error, Hashable {
    package let word: String
    package let reason: String
  }

  /// Reads the words; several `--select` words add up, and so do those behind a comma.
  package init(
    select: [String], exclude: [String], lastFailed: [String]? = nil
  ) throws(Mistake) {
    self.select = try Self.terms(select)
    self.exclude = try Self.terms(exclude)
    self.lastFailed = lastFailed.map(Set.init)
  }

  private static func terms(_ texts: [String]) throws(Mistake) -> [Word] {
    var terms: [Word] = []
    for word in texts.flatMap({ $0.split(separator: ",") }) {
      let word = String(word.drop { $0 == " " })
      guard let colon = word.firstIndex(of: ":") else {
        terms.append(Word(text: word, term: .id(Array(word.utf8))))
        continue
      }
      let value = String(word[word.index(after: colon)...])
      if value.isEmpty { throw Mistake(word: word, reason: "nothing stands behind the colon") }
      switch word[..<colon] {
      case "id": terms.append(Word(text: word, term: .id(Array(value.utf8))))
      case "table": terms.append(Word(text: word, term: .table(value)))
      case "check": terms.append(Word(text: word, term: .check(value)))
      case "tag": terms.append(Word(text: word, term: .tag(value)))
      case "section": terms.append(Word(text: word, term: .section(value)))
      case "sop": terms.append(Word(text: word, term: .clause(value)))
      default:
        throw Mistake(
          word: word,
          reason: "known are table:, check:, tag:, section:, sop: and ids with * for any text")
      }
    }
    return terms
  }

  /// Whether the step is wanted.
  package func includes(_ step: Plan.Step) -> Bool {
    if let lastFailed, !lastFailed.contains(step.id.description) { return false }
    if excludes(step) { return false }
    return select.isEmpty || select.contains { Self.matches($0.term, step) }
  }

  /// Whether the step is one of those that are left out.
  func excludes(_ step: Plan.Step) -> Bool {
    exclude.contains { Self.matches($0.term, step) }
  }

  /// Whether nothing is left out but what `--exclude` says.
  var isOfAll: Bool { select.isEmpty && lastFailed == nil }

  /// Whether the case that judges a waiver is left out.
  func excludes(_ waiver: Plan.WaiverStep) -> Bool {
    exclude.contains { Self.matches($0.term, waiver) }
  }

  /// Whether the case that judges a waiver is asked for by itself.
  func asks(for waiver: Plan.WaiverStep) -> Bool {
    if isOfAll || excludes(waiver) { return false }
    if let lastFailed, !lastFailed.contains(waiver.id.description) { return false }
    return select.isEmpty || select.contains { Self.matches($0.term, waiver) }
  }

  /// The words that fit nothing in these plans.
  package func words(without plans: [Plan]) -> [String] {
    (select + exclude).filter { word in
      !plans.contains { plan in
        plan.steps.contains { Self.matches(word.term, $0) }
          || plan.waivers.contains { Self.matches(word.term, $0) }
      }
    }.map(\.text)
  }

  /// A whole id, an id with wildcards, or the beginning of one up to a dot.
  private static func matches(_ pattern: [UInt8], _ id: CheckID) -> Bool {
    let id = Array(id.description.utf8)
    return Wildcard.matches(pattern[...], id[...])
      || id.starts(with: pattern + [UInt8(ascii: ".")])
  }

  /// A waiver is no table's and proves no clause: only ids and sections are said of it.
  private static func matches(_ term: Term, _ waiver: Plan.WaiverStep) -> Bool {
    switch term {
    case .id(let pattern): matches(pattern, waiver.id)
    case .section(let name): waiver.id.section == name
    case .table, .check, .tag, .clause: false
    }
  }

  private static func matches(_ term: Term, _ step: Plan.Step) -> Bool {
    switch term {
    case .id(let pattern): return matches(pattern, step.id)
    case .table(let name):
      return ["tables", Planner.reverseSection].contains(step.id.section)
        && step.id.object.lowercased() == name.lowercased()
    case .check(let name):
      return step.id.check == name
        || step.id.check.split(separator: ".").last.map(String.init) == name
        || step.id.check.hasPrefix("\(name).")
    case .tag(let name): return step.tags.contains(name)
    case .section(let name): return step.id.section == name
    case .clause(let clause): return step.clause.hasPrefix(clause)
    }
  }
}
