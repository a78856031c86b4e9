import Diagnostics

/// Turns libyaml's marks, which count Unicode scalars, into places of a file in constant time.
struct Places {
  private static let step = 64
  /// No more than this is looked through for the end of a word, in bytes.
  private static let longestWord = 4_096

  private let file: SourceFile
  /// The byte offset of every 64th scalar.
  private let checkpoints: [Int]
  /// The number of scalars before each line.
  private let lineStarts: [Int]
  private let scalarCount: Int

  init(_ file: SourceFile) {
    var checkpoints: [Int] = []
    var lineStarts = [0]
    var offset = 0
    var count = 0
    for scalar in file.text.unicodeScalars {
      if count % Self.step == 0 { checkpoints.append(offset) }
      offset += UTF8.width(scalar)
      count += 1
      if scalar == "\n" { lineStarts.append(count) }
    }
    if count % Self.step == 0 { checkpoints.append(offset) }
    self.file = file
    self.checkpoints = checkpoints
    self.lineStarts = lineStarts
    scalarCount = count
  }

  /// The place of the scalar with this number; the end of the text when there is none.
  func position(_ index: Int) -> SourcePosition {
    let index = min(max(index, 0), scalarCount)
    let start = checkpoints[index / Self.step]
    let near = file[start..<start + 4 * Self.step].unicodeScalars
    let offset = near.prefix(index % Self.step).reduce(start) { $0 + UTF8.width($1) }
    let line = file.lineNumber(at: offset)
    return SourcePosition(line: line, column: index - lineStarts[line - 1] + 1, offset: offset)
  }

  /// The range between two scalars, less the blanks and line breaks at its end.
  func range(_ start: Int, _ end: Int) -> SourceRange {
    let first = position(start)
    let last = position(end)
    let written = file[first.offset..<max(first.offset, last.offset)].unicodeScalars
    let blank = written.reversed().prefix { Self.isBlank($0) }
    guard !blank.isEmpty else { return range(first, last) }
    return range(first, position(end - blank.count))
  }

  /// The range from a scalar to a place already known.
  func range(_ start: Int, to end: SourcePosition) -> SourceRange {
    let first = position(start)
    return range(first, max(first, end))
  }

  /// The range from a scalar to the end of its word: the next blank or bracket, or the line's end.
  ///
  /// At the end of the text it stands behind the last word, where something is still to be written.
  func word(at start: Int) -> SourceRange {
    guard start < scalarCount else { return range(position(scalarCount - trailingBlanks)) }
    let first = position(start)
    let near = file[first.offset..<first.offset + Self.longestWord].unicodeScalars
    let length = near.prefix { !Self.endsWord($0) }.count
    return range(first, position(start + length))
  }

  /// The range of the word that begins with `sign` among the properties written before a node.
  func property(_ sign: Unicode.Scalar, from start: Int) -> SourceRange {
    let first = position(start)
    var isWordStart = true
    var index = start
    for scalar in file[first.offset..<first.offset + Self.longestWord].unicodeScalars {
      if isWordStart, scalar == sign { return word(at: index) }
      isWordStart = Self.endsWord(scalar)
      index += 1
    }
    return word(at: start)
  }

  /// The scalar with this number, or nil at the end of the text.
  func scalar(at index: Int) -> Unicode.Scalar? {
    guard index < scalarCount else { return nil }
    let offset = position(index).offset
    return file[offset..<offset + 1].unicodeScalars.first
  }

  /// The range of one scalar; nothing at the end of the text.
  func firstScalar(at index: Int) -> SourceRange {
    index < scalarCount ? range(position(index), position(index + 1)) : word(at: index)
  }

  /// The range of the tabs at `index`, if nothing but blanks, tabs and dashes stands before them.
  func indentingTabs(at index: Int) -> SourceRange? {
    guard scalar(at: index) == "\t" else { return nil }
    let place = position(index)
    let before = file[place.offset - (place.column - 1)..<place.offset].unicodeScalars
    // In an indentation every scalar is a byte, so that the slice begins with the line.
    guard before.allSatisfy({ $0 == " " || $0 == "\t" || $0 == "-" }) else { return nil }
    let near = file[place.offset..<place.offset + Self.longestWord].unicodeScalars
    return range(place, position(index + near.prefix { $0 == "\t" }.count))
  }

  /// What stands before a place on its line, less the blanks around it.
  func text(before place: SourcePosition) -> String {
    let start = file.offsets(ofLine: place.line)?.lowerBound ?? place.offset
    return trimmed(file[start..<place.offset])
  }

  /// The nearest line above that holds more than blanks and comments: its text, less the blanks
  /// around it, and its place.
  func line(above place: SourcePosition) -> (text: String, range: SourceRange)? {
    var number = place.line - 1
    while let offsets = file.offsets(ofLine: number) {
      let text = trimmed(file[offsets])
      if !text.isEmpty, !text.hasPrefix("#") {
        let blanks = file[offsets].unicodeScalars.prefix { Self.isBlank($0) }.count
        let start = lineStarts[number - 1] + blanks
        return (text, range(start, start + text.unicodeScalars.count))
      }
      number -= 1
    }
    return nil
  }

  private func trimmed(_ text: Substring) -> String {
    var scalars = text.unicodeScalars.drop { Self.isBlank($0) }
    while let last = scalars.last, Self.isBlank(last) { scalars.removeLast() }
    return String(scalars)
  }

  private var trailingBlanks: Int {
    file.text.unicodeScalars.reversed().prefix { Self.isBlank($0) }.count
  }

  private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
    scalar == " " || scalar == "\t" || scalar == "\n" || scalar == "\r"
  }

  private static func endsWord(_ scalar: Unicode.Scalar) -> Bool {
    isBlank(scalar) || scalar == "," || scalar == "]" || scalar == "}"
  }

  private func range(_ place: SourcePosition) -> SourceRange { range(place, place) }

  private func range(_ start: SourcePosition, _ end: SourcePosition) -> SourceRange {
    SourceRange(file: file.name, start: start, end: end)
  }
}
