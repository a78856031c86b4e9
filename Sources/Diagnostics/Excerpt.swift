/// One line of source made fit for a terminal, and the columns of it that a range covers.
struct Excerpt {
  /// What fits beside the line number on most screens.
  static let widest = 100

  /// The line as shown: tabs as spaces, hidden characters spelled out, too long ends cut off.
  let text: String
  /// The columns below which carets stand, counted from 0; never empty.
  let carets: Range<Int>

  /// Cuts the line on which `range` starts out of `file`, or nil when the file has no such line.
  init?(of range: SourceRange, in file: SourceFile) {
    guard let line = file.offsets(ofLine: range.start.line) else { return nil }
    // A line can be as long as the file, so only what may be shown of it is measured.
    let near = max(line.lowerBound, range.start.offset - 4 * Self.widest)
    let far = min(line.upperBound, range.start.offset + 8 * Self.widest)
    let slice = file[near..<max(near, far)]
    var offset = near
    var cells: [Cell] = []
    var start: Int?
    var end = 0
    var width = 0
    for character in slice {
      for cell in Cell.cells(for: character) {
        let next = offset + cell.byteCount
        if start == nil, next > range.start.offset { start = width }
        width += cell.width
        if offset < range.end.offset { end = width }
        cells.append(cell)
        offset = next
      }
    }
    let first = start ?? width
    let marked = first..<max(first + 1, end)
    let isWhole = width <= Self.widest && near == line.lowerBound && far == line.upperBound
    if isWhole {
      text = cells.map(\.text).joined()
      carets = marked
    } else {
      let ends = (isCutBefore: near > line.lowerBound, isCutAfter: far < line.upperBound)
      (text, carets) = Self.window(cells, around: marked, ends: ends)
    }
  }

  /// The part of a long line around its marked columns, with dots where it is cut.
  private static func window(
    _ cells: [Cell], around marked: Range<Int>, ends: (isCutBefore: Bool, isCutAfter: Bool)
  ) -> (String, Range<Int>) {
    let dots = "..."
    let room = widest - 2 * dots.count
    let context = max(room / 5, (room - marked.count) / 2)
    var wanted = max(0, marked.lowerBound - context)
    // Near an end of the line the whole room is used, rather than half of it.
    if !ends.isCutAfter {
      wanted = min(wanted, max(0, cells.reduce(0) { $0 + $1.width } - room))
    }
    if marked.upperBound <= room, !ends.isCutBefore { wanted = 0 }
    var text = ""
    var column = 0
    var left: Int?
    var isCutAfter = ends.isCutAfter
    for cell in cells {
      if column >= wanted {
        let from = left ?? column
        guard column + cell.width - from <= room else {
          isCutAfter = true
          break
        }
        left = from
        text += cell.text
      }
      column += cell.width
    }
    let from = left ?? 0
    let isCutBefore = ends.isCutBefore || from > 0
    let shift = (isCutBefore ? dots.count : 0) - from
    let last = max(marked.lowerBound + 1, min(marked.upperBound, from + room))
    return (
      (isCutBefore ? dots : "") + text + (isCutAfter ? dots : ""),
      marked.lowerBound + shift..<last + shift
    )
  }
}

/// What one character of source becomes on the screen.
private struct Cell {
  let text: String
  let width: Int
  let byteCount: Int

  /// One cell for a character that can be seen, otherwise one for each scalar of it.
  static func cells(for character: Character) -> [Cell] {
    if character == "\t" { return [Cell(text: "    ", width: 4, byteCount: 1)] }
    guard character.unicodeScalars.contains(where: { HiddenCharacter($0) != nil }) else {
      let width = displayWidth(of: character)
      return [Cell(text: String(character), width: width, byteCount: character.utf8.count)]
    }
    return character.unicodeScalars.map { scalar in
      let text = visible(String(scalar))
      let isSpelledOut = HiddenCharacter(scalar) != nil
      let width = isSpelledOut ? text.utf8.count : displayWidth(of: Character(scalar))
      return Cell(text: text, width: width, byteCount: UTF8.width(scalar))
    }
  }
}
