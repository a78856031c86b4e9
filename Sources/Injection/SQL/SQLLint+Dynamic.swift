/// SQL that is put together and run: `EXECUTE`, `EXECUTE IMMEDIATE`, `IDENTIFIER` and `TABLE`.
extension SQLLint {
  /// Looks at an `EXECUTE` of either database.
  mutating func readExecution(
    _ script: SQLScript, _ place: Int, _ end: Int, _ variables: SQLVariables,
    _ surrounding: Surrounding, depth: Int
  ) {
    let isImmediate = script.keyword(place + 1) == .immediate
    if !isImmediate {
      guard surrounding.language == .plpgsql, runsText(script, place) else { return }
    }
    let start = isImmediate ? place + 2 : place + 1
    let expression = start..<max(start, min(end, endOfText(script, start)))
    guard !expression.isEmpty, script.keyword(start) != .from else { return }
    if isImmediate, expression.count == 1, isLiteral(script, start) {
      read(text: start, of: script, Surrounding(language: .sql), depth: depth)
      return
    }
    var judge = SQLJudge(script, variables, effort: effort)
    let found = judge.suspect(expression)
    effort = judge.effort
    guard let suspect = found else { return }
    dangers += 1
    let source = script.code.excerpt(script.bytes(suspect.source))
    let shown = script.code.excerpt(script.bytes(suspect.tokens))
    observe(
      isImmediate ? .executeImmediate : .dynamicSQL, script, suspect.tokens,
      isImmediate ? .immediate(shown, source) : .dynamic(shown, source))
  }

  private func isLiteral(_ script: SQLScript, _ index: Int) -> Bool {
    switch script.kind(index) {
    case .string, .escapeString, .dollarString: true
    default: false
    }
  }

  /// Whether an `EXECUTE` in PL/pgSQL is the command that runs a text.
  private func runsText(_ script: SQLScript, _ place: Int) -> Bool {
    switch script.keyword(place + 1) {
    case .function, .procedure, .as, .on: return false
    default: break
    }
    if script.beginsStatement(place) { return true }
    switch script.keyword(place - 1) {
    case .in, .for: return true
    default: return script.isWord("query", at: place - 1)
    }
  }

  /// Where the text to run ends: before `INTO`, `USING` or `LOOP`, or with the brackets around it.
  private func endOfText(_ script: SQLScript, _ start: Int) -> Int {
    var place = start
    while place < script.tokens.count {
      if script.isSign("(", at: place) {
        place = script.afterBrackets(place)
        continue
      }
      if script.isSign(")", at: place) || script.isSign(";", at: place) { return place }
      switch script.keyword(place) {
      case .into, .using, .loop: return place
      default: place += 1
      }
    }
    return place
  }

  /// Notes an object whose name comes from outside, which is the safe way to do that.
  mutating func readChosenObject(
    _ script: SQLScript, _ place: Int, _ surrounding: Surrounding
  ) {
    guard script.isSign("(", at: place + 1) else { return }
    let end = script.afterBrackets(place + 1)
    let inner = place + 2..<max(place + 2, end - 1)
    guard let first = inner.first else { return }
    if script.keyword(place) == .table {
      guard inner.count == 1, script.kind(first) == .parameter else { return }
    } else {
      let isLiteral = inner.allSatisfy {
        script.kind($0) == .string || script.kind($0) == .dollarString || script.kind($0) == .hole
      }
      // A column may be named so; only what is bound or put together chooses an object.
      guard !isLiteral else { return }
    }
    if surrounding.hasOwnersRights { dangers += 1 }
    observe(
      .chosenObject, script, place..<end,
      .chosen(hasOwnersRights: surrounding.hasOwnersRights), isInformational: true)
  }
}

extension Observation.Words {
  private static func origin(_ shown: String, _ source: String) -> String {
    shown == source ? "`\(short(shown))`" : "`\(short(shown))`, which holds `\(short(source))`,"
  }

  fileprivate static func immediate(_ shown: String, _ source: String) -> Self {
    Self(
      sentence:
        "a command is put together as text and then run: \(origin(shown, source)) becomes a "
        + "part of it, so that its value can change what the command does",
      remedy: "write the command out and hand values over with USING; name objects by "
        + "IDENTIFIER(:name) after holding the name against a list")
  }

  fileprivate static func dynamic(_ shown: String, _ source: String) -> Self {
    Self(
      sentence:
        "a command is put together as text and then run: \(origin(shown, source)) becomes a "
        + "part of it unquoted, so that its value can change what the command does",
      remedy: "hand values over with USING, and write names with format('%I') or quote_ident()")
  }

  fileprivate static func chosen(hasOwnersRights: Bool) -> Self {
    Self(
      sentence: hasOwnersRights
        ? "the caller chooses the object, which is then used with the rights of the owner; the name "
          + "cannot become a command"
        : "the caller chooses the object; the name cannot become a command",
      remedy: "hold the name against a list of permitted ones before it is used")
  }
}
