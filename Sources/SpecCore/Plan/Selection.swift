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
    if exclude.contains(where: { Self.matches($0.term, step) }) { return false }
    return select.isEmpty || select.contains { Self.matches($0.term, step) }
  }

  /// The words that fit none of these steps.
  package func words(without steps: [Plan.Step]) -> [String] {
    (select + exclude).filter { word in !steps.contains { Self.matches(word.term, $0) } }
      .map(\.text)
  }

  private static func matches(_ term: Term, _ step: Plan.Step) -> Bool {
    switch term {
    case .id(let pattern):
      let id = Array(step.id.description.utf8)
      // A whole id, an id with wildcards, or the beginning of one up to a dot.
      return glob(pattern[...], id[...])
        || id.starts(with: pattern + [UInt8(ascii: ".")])
    case .table(let name):
      return step.id.section == "tables" && step.id.object.lowercased() == name.lowercased()
    case .check(let name):
      return step.id.check == name
        || step.id.check.split(separator: ".").last.map(String.init) == name
        || step.id.check.hasPrefix("\(name).")
    case .tag(let name): return step.tags.contains(name)
    case .section(let name): return step.id.section == name
    case .clause(let clause): return step.clause.hasPrefix(clause)
    }
  }

  private static func glob(_ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>) -> Bool {
    // Iterative, so that many stars cannot take exponential time.
    var (p, t) = (pattern.startIndex, text.startIndex)
    var star: (pattern: Int, text: Int)?
    while t < text.endIndex {
      if p < pattern.endIndex, pattern[p] == UInt8(ascii: "*") {
        star = (p, t)
        p += 1
      } else if p < pattern.endIndex, pattern[p] == text[t] {
        p += 1
        t += 1
      } else if let last = star {
        p = last.pattern + 1
        t = last.text + 1
        star = (last.pattern, t)
      } else {
        return false
      }
    }
    return pattern[p...].allSatisfy { $0 == UInt8(ascii: "*") }
  }
}
