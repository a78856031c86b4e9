import Diagnostics

extension SyntaxProblem {
  /// The problem in words for people who write specs, with the place they have to change.
  func diagnostic(_ places: Places) -> Diagnostic {
    if let tab = places.indentingTabs(at: index) { return Diagnostic(.tab, at: tab) }
    if let context {
      let isDirective = context.words.hasSuffix(" directive")
      if isDirective { return Diagnostic(.directive, at: places.word(at: context.index)) }
      let isTag = context.words == "while scanning a tag" || context.words == "while parsing a tag"
      if isTag { return Diagnostic(.tag, at: places.property("!", from: context.index)) }
    }
    switch words {
    case "found incompatible YAML document", "found duplicate %YAML directive",
      "found duplicate %TAG directive":
      return Diagnostic(.directive, at: places.word(at: index))
    case "found undefined tag handle":
      return Diagnostic(.tag, at: places.property("!", from: index))
    default: break
    }
    return unclosed(places) ?? misplaced(places) ?? spelling(places)
      ?? Diagnostic(.other(words), at: places.word(at: index))
  }

  /// Something that was begun and not brought to its end: the beginning is worth showing too.
  private func unclosed(_ places: Places) -> Diagnostic? {
    guard let context else { return nil }
    let here = places.word(at: index)
    let beginning = places.firstScalar(at: context.index)
    func begun(_ message: Diagnostic.Message, _ thing: String) -> Diagnostic {
      let related = Diagnostic.Related(range: beginning, text: "\(thing) begins here")
      return Diagnostic(message, at: here, related: [related])
    }
    func bracket(_ sign: String, _ thing: String) -> Diagnostic {
      // On a later line the bracket is more likely missing than the comma.
      guard here.start.line > beginning.start.line || places.scalar(at: index) == nil else {
        return begun(.noBracket(sign), thing)
      }
      let related = Diagnostic.Related(range: here, text: "reading could not go on here")
      return Diagnostic(.openBracket(sign), at: beginning, related: [related])
    }
    switch words {
    case "did not find expected key":
      let follows = !places.text(before: here.start).allSatisfy { $0 == "-" || $0 == " " }
      return follows ? Diagnostic(.textAfterValue, at: here) : begun(.noKey, "the mapping")
    case "did not find expected '-' indicator": return begun(.noItem, "the list")
    case "did not find expected ',' or ']'": return bracket("]", "the list")
    case "did not find expected ',' or '}'": return bracket("}", "the mapping")
    case "could not find expected ':'":
      return Diagnostic(.noColon, at: places.word(at: context.index))
    case "found unexpected end of stream", "found unexpected document indicator":
      return Diagnostic(.openQuote, at: beginning)
    default: return nil
    }
  }

  /// Something that cannot stand where it stands.
  private func misplaced(_ places: Places) -> Diagnostic? {
    let here = places.word(at: index)
    switch words {
    case "mapping values are not allowed in this context": return unexpectedColon(places)
    case "found unexpected ':'":
      return Diagnostic(.colonInBrackets, at: places.firstScalar(at: index))
    case "block sequence entries are not allowed in this context":
      return Diagnostic(.unexpectedItem, at: places.firstScalar(at: index))
    case "mapping keys are not allowed in this context":
      return Diagnostic(.unexpectedKey, at: places.firstScalar(at: index))
    case "did not find expected node content": return Diagnostic(.noValue, at: here)
    case "did not find expected <document start>":
      let isDirective = places.text(before: here.start).hasPrefix("%")
      return Diagnostic(isDirective ? .directive : .textAfterEnd, at: here)
    case "did not find expected comment or line break", "found an indentation indicator equal to 0":
      return Diagnostic(.blockHeader, at: here)
    default: return nil
    }
  }

  /// A colon behind what cannot be a key: an unquoted text, or a line that continues a value.
  private func unexpectedColon(_ places: Places) -> Diagnostic {
    let here = places.firstScalar(at: index)
    let holdsKey = { (text: String) in text.contains(": ") || text.hasSuffix(":") }
    guard !holdsKey(places.text(before: here.start)), let above = places.line(above: here.start)
    else {
      return Diagnostic(.colonInText, at: here)
    }
    guard holdsKey(above.text) else { return Diagnostic(.noColon, at: above.range) }
    let related = Diagnostic.Related(range: above.range, text: "this has a value already")
    return Diagnostic(.keyBelowValue, at: here, related: [related])
  }

  /// A sign that means something else in YAML than its author thought.
  private func spelling(_ places: Places) -> Diagnostic? {
    switch words {
    case "found character that cannot start any token":
      guard let sign = places.scalar(at: index) else { return nil }
      return Diagnostic(.reservedSign(sign), at: places.word(at: index))
    case "did not find expected alphabetic or numeric character":
      guard let context else { return nil }
      let sign = context.words == "while scanning an alias" ? "*" : "&"
      return Diagnostic(.bareSign(sign), at: places.word(at: context.index))
    case "found unknown escape character":
      return Diagnostic(.badEscape, at: places.range(index, index + 2))
    // In these two the mark stands behind the backslash and its letter.
    case "did not find expected hexdecimal number":
      return Diagnostic(.escapeWithoutDigits, at: places.range(index - 2, index))
    case "found invalid Unicode character escape code":
      return Diagnostic(.escapeWithoutCharacter, at: places.range(index - 2, index))
    default: return nil
    }
  }
}

extension Diagnostic.Message {
  /// Refuses `%YAML` and all its kin.
  static let directive = Self(
    "E0014", "directives are not allowed", label: "delete the line",
    notes: ["quote a text that begins with `%`"])

  /// Refuses types written with an exclamation mark.
  static let tag = Self(
    "E0012", "tags are not allowed", label: "delete it: each field knows its type",
    notes: ["quote a text that begins with `!`"])

  fileprivate static let tab = Self(
    "E0020", "tab in the indentation", label: "use blanks: YAML does not indent with tabs")

  fileprivate static let noKey = Self(
    "E0010", "expected a key in the column of the others",
    label: "is this indented as its neighbours?")

  fileprivate static let textAfterValue = Self(
    "E0010", "expected the end of the line after a value", label: "this follows a finished value",
    notes: ["a text in quotes ends at its second quote: put all of it in quotes, or none"])

  fileprivate static let noItem = Self(
    "E0010", "expected `- ` and the next value of the list", label: "this is no part of the list",
    notes: ["indent it further to continue a value, or less to end the list"])

  fileprivate static func noBracket(_ bracket: String) -> Self {
    Self("E0010", "expected `,` or `\(bracket)`", label: "write `,` or `\(bracket)` before this")
  }

  fileprivate static func openBracket(_ bracket: String) -> Self {
    Self("E0010", "this bracket is never closed", label: "write `\(bracket)` behind the last value")
  }

  fileprivate static let noColon = Self(
    "E0010", "expected `: ` after this key", label: "write `key: value`, a blank after the colon")

  fileprivate static let openQuote = Self(
    "E0010", "this quote is never closed", label: "opened here",
    notes: ["inside single quotes write '' for a quote, inside double quotes \\\""])

  fileprivate static let colonInText = Self(
    "E0010", "a second `: ` in an unquoted text", label: "put the text in quotes",
    notes: ["for example: \"orders: all of them\""])

  fileprivate static let keyBelowValue = Self(
    "E0010", "a key below a key that has a value", label: "this key is indented too far",
    notes: ["begin the keys of one mapping in the same column"])

  fileprivate static let colonInBrackets = Self(
    "E0010", "`:` inside brackets without a blank behind it",
    label: "write a blank after it, or quote the text")

  fileprivate static let unexpectedItem = Self(
    "E0010", "a list cannot begin here", label: "begin it on a line of its own, or write [a, b]",
    notes: ["quote a text that begins with `- `"])

  fileprivate static let unexpectedKey = Self(
    "E0010", "a key cannot begin here", label: "begin it on a line of its own",
    notes: ["quote a text that begins with `? `"])

  fileprivate static let noValue = Self(
    "E0010", "expected a value", label: "write the value before this")

  fileprivate static let textAfterEnd = Self(
    "E0010", "expected the end of the file", label: "this belongs to nothing above",
    notes: ["a file holds one mapping: do its keys begin in the same column?"])

  fileprivate static let blockHeader = Self(
    "E0010", "expected the end of the line after `|` or `>`",
    label: "write the text below, further in")

  fileprivate static func reservedSign(_ sign: Unicode.Scalar) -> Self {
    let name = sign == "`" ? "a backtick" : "`\(sign)`"
    return Self("E0010", "a text cannot begin with \(name)", label: "put the text in quotes")
  }

  fileprivate static func bareSign(_ sign: String) -> Self {
    Self(
      "E0011", "`\(sign)` begins an alias or an anchor, and they are not allowed",
      label: "put the text in quotes")
  }

  fileprivate static let badEscape = Self(
    "E0010", "this escape is unknown",
    label: "write \\\\ for a backslash, or use single quotes, which keep it")

  fileprivate static let escapeWithoutDigits = Self(
    "E0010", "expected hexadecimal digits after this",
    label: "two after \\x, four after \\u, eight after \\U",
    notes: ["write \\\\ for a backslash, or use single quotes, which keep it"])

  fileprivate static let escapeWithoutCharacter = Self(
    "E0010", "this escape stands for no character",
    label: "write the character itself, or \\U with eight digits")

  /// What libyaml says, for problems that no one has met yet.
  fileprivate static func other(_ words: String) -> Self {
    Self("E0010", "this is not YAML: \(words)", label: "reading stopped here")
  }
}
