/// Views and protected tables of all files, which only together tell of views that go around rules.
struct ViewFacts {
  /// A view that neither lets its readers' rights decide nor hides rows from their functions.
  private struct View {
    let name: String
    /// The bare names in its query.
    let tables: Set<String>
    let observed: Range<Int>
    let shown: String
  }

  private var views: [View] = []
  /// Tables with row-level security, by their bare names.
  private(set) var protected: Set<String> = []

  /// Looks at a `CREATE`.
  mutating func readCreation(_ script: SQLScript, _ place: Int) {
    var next = place + 1
    while next < place + 6, script.keyword(next) != .view, script.keyword(next) != .policy {
      guard script.kind(next) == .word, script.keyword(next) != .materialized else { return }
      next += 1
    }
    let end = script.endOfStatement(next)
    if script.keyword(next) == .policy {
      if let on = (next..<end).first(where: { script.keyword($0) == .on }) {
        protected.insert(bareName(script, on + 1).name)
      }
      return
    }
    guard script.keyword(next) == .view else { return }
    next += 1
    while script.keyword(next) == .if || script.isWord("not", at: next)
      || script.isWord("exists", at: next)
    {
      next += 1
    }
    let name = bareName(script, next)
    guard let query = (next..<end).first(where: { script.keyword($0) == .as }),
      !isGuarded(script, next..<query)
    else { return }
    var tables: Set<String> = []
    for index in query..<end
    where script.kind(index) == .word || script.kind(index) == .quotedName {
      tables.insert(script.name(index))
    }
    let bytes = script.bytes(next..<name.end)
    views.append(
      View(
        name: name.name, tables: tables, observed: script.code.origin(bytes),
        shown: script.code.text(bytes)))
  }

  /// Looks at an `ALTER`, which may turn row-level security on or set a view's options.
  mutating func readAlteration(_ script: SQLScript, _ place: Int) {
    let end = script.endOfStatement(place)
    if script.keyword(place + 1) == .view, isGuarded(script, place..<end) {
      let view = bareName(script, place + 2).name
      views.removeAll { $0.name == view }
    }
    guard script.keyword(place + 1) == .table else { return }
    var name = place + 2
    while script.keyword(name) == .if || script.isWord("exists", at: name)
      || script.isWord("only", at: name)
    {
      name += 1
    }
    if (place..<end).contains(where: { script.holds(.enable, .row, .level, .security, at: $0) }) {
      protected.insert(bareName(script, name).name)
    }
  }

  /// Whether one of the two options is set, and not to a word that turns it off.
  private func isGuarded(_ script: SQLScript, _ range: Range<Int>) -> Bool {
    range.contains { index in
      guard script.keyword(index) == .barrier || script.keyword(index) == .invoker else {
        return false
      }
      guard script.isSign("=", at: index + 1) else { return true }
      return !["false", "off", "0", "no"].contains(script.name(index + 2))
    }
  }

  /// The last part of a dotted name, and the index after it.
  private func bareName(_ script: SQLScript, _ place: Int) -> (name: String, end: Int) {
    var next = place
    while script.isSign(".", at: next + 1) { next += 2 }
    return (script.name(next), next + 1)
  }

  /// The views that read one of these tables.
  func observations(protected: Set<String>) -> [Observation] {
    views.compactMap { view in
      guard let table = view.tables.intersection(protected).min() else { return nil }
      return Observation(
        rule: .bareView, range: view.observed, shown: view.shown,
        words: .bare(view.shown, table))
    }
  }
}

extension Observation.Words {
  fileprivate static func bare(_ view: String, _ table: String) -> Self {
    Self(
      sentence:
        "rows of `\(table)` are hidden from some users, but `\(short(view))` reads them with "
        + "the rights of its owner: whoever may read the view may see them all",
      remedy:
        "create the view WITH (security_invoker = true), or security_barrier where its owner is "
        + "subject to the same rules")
  }
}
