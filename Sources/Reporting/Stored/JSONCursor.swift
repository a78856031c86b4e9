import SpecCore

/// A value of a JSON document and the way to it, for readers that say what is wrong where.
struct JSONCursor {
  let value: JSONValue
  /// From the root, such as `.cases[3].rows.examples[0].kind`; empty for the root itself.
  let path: String

  init(_ value: JSONValue, path: String = "") {
    self.value = value
    self.path = path
  }

  /// A mistake here.
  func mistake(_ reason: String) -> ResultReadError {
    ResultReadError(path: path.isEmpty ? "." : path, reason: reason)
  }

  /// A member that must be there.
  func member(_ name: String) throws(ResultReadError) -> JSONCursor {
    guard case .object = value else { throw mistake("an object is expected") }
    guard let found = value[name] else { throw mistake("the member \"\(name)\" is missing") }
    return JSONCursor(found, path: "\(path).\(name)")
  }

  /// A member that may be missing, or `null`.
  func optional(_ name: String) throws(ResultReadError) -> JSONCursor? {
    guard case .object = value else { throw mistake("an object is expected") }
    guard let found = value[name], found != .null else { return nil }
    return JSONCursor(found, path: "\(path).\(name)")
  }

  // MARK: Values

  func text() throws(ResultReadError) -> String {
    guard let text = value.text else { throw mistake("a text is expected") }
    return text
  }

  func flag() throws(ResultReadError) -> Bool {
    guard case .bool(let flag) = value else { throw mistake("true or false is expected") }
    return flag
  }

  func integer() throws(ResultReadError) -> Int {
    guard case .integer(let number) = value else { throw mistake("a whole number is expected") }
    return number
  }

  func number() throws(ResultReadError) -> Double {
    switch value {
    case .integer(let number): return Double(number)
    case .number(let number): return number
    default: throw mistake("a number is expected")
    }
  }

  func time() throws(ResultReadError) -> Timestamp {
    let text = try text()
    guard text.hasSuffix("Z"), let time = Timestamp(iso: text) else {
      throw mistake("a time in UTC such as 2026-11-23T03:01:46Z is expected, not \"\(text)\"")
    }
    return time
  }

  func day() throws(ResultReadError) -> CalendarDay {
    let text = try text()
    guard let day = CalendarDay(text) else {
      throw mistake("a day such as 2027-01-31 is expected, not \"\(text)\"")
    }
    return day
  }

  /// One of the words of a type.
  func word<Word: RawRepresentable<String>>(
    _ type: Word.Type = Word.self
  ) throws(ResultReadError) -> Word {
    let text = try text()
    guard let word = Word(rawValue: text) else {
      throw mistake("\"\(text)\" is no word that this version knows")
    }
    return word
  }

  func elements() throws(ResultReadError) -> [JSONCursor] {
    guard let elements = value.elements else { throw mistake("a list is expected") }
    return elements.enumerated().map { JSONCursor($1, path: "\(path)[\($0)]") }
  }

  // MARK: Members

  func text(_ name: String) throws(ResultReadError) -> String { try member(name).text() }

  func optionalText(_ name: String) throws(ResultReadError) -> String? {
    guard let found = try optional(name) else { return nil }
    return try found.text()
  }

  func optionalInteger(_ name: String) throws(ResultReadError) -> Int? {
    guard let found = try optional(name) else { return nil }
    return try found.integer()
  }

  func optionalNumber(_ name: String) throws(ResultReadError) -> Double? {
    guard let found = try optional(name) else { return nil }
    return try found.number()
  }

  func integer(_ name: String) throws(ResultReadError) -> Int { try member(name).integer() }

  func number(_ name: String) throws(ResultReadError) -> Double { try member(name).number() }

  func time(_ name: String) throws(ResultReadError) -> Timestamp { try member(name).time() }

  func texts(_ name: String) throws(ResultReadError) -> [String] {
    try list(name) { cursor throws(ResultReadError) in try cursor.text() }
  }

  /// Every element of a list that must be there.
  func list<Element>(
    _ name: String, _ read: (JSONCursor) throws(ResultReadError) -> Element
  ) throws(ResultReadError) -> [Element] {
    var all: [Element] = []
    for element in try member(name).elements() { all.append(try read(element)) }
    return all
  }

  /// Every element of a list that documents of earlier versions do not have.
  func optionalList<Element>(
    _ name: String, _ read: (JSONCursor) throws(ResultReadError) -> Element
  ) throws(ResultReadError) -> [Element] {
    try optional(name) == nil ? [] : try list(name, read)
  }
}

/// What keeps a text from being the stored result of a run.
package struct ResultReadError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The place in the document: `.cases[3].outcome`.
  package let path: String
  package let reason: String

  package init(path: String, reason: String) {
    self.path = path
    self.reason = reason
  }

  package var description: String { "at \(path): \(reason)" }
}
