import Diagnostics

/// A value of a row as a reader may see it: at most 40 columns, nothing hidden.
///
/// A value stands as it is, unless it is empty, begins or ends with a blank, or holds characters
/// that cannot be seen: then it stands in quotes, with those characters spelled out.
func shownValue(_ text: String, look: Look) -> String {
  shown(text, from: 0, isSpelledOut: false, look: look)
}

/// Two values that differ, cut so that the first difference is in sight.
func shownPair(_ source: String, _ target: String, look: Look) -> (String, String) {
  var end = source.startIndex
  for (left, right) in zip(source.unicodeScalars, target.unicodeScalars) {
    if left != right { break }
    source.unicodeScalars.formIndex(after: &end)
  }
  let same = source[..<end].count
  // A difference near the beginning is in sight anyway.
  let start = same < Shown.widest / 2 ? 0 : same - Shown.before
  func both(spelledOut: Bool) -> (String, String) {
    (
      shown(source, from: start, isSpelledOut: spelledOut, look: look),
      shown(target, from: start, isSpelledOut: spelledOut, look: look)
    )
  }
  let pair = both(spelledOut: false)
  let isSame = source.unicodeScalars.elementsEqual(target.unicodeScalars)
  return !isSame && appearance(of: pair.0) == appearance(of: pair.1) ? both(spelledOut: true) : pair
}

/// What is left of a text without its invisible parts.
///
/// Swift calls two of these equal when they look equal, such as one letter with its accent and
/// the two apart.
private func appearance(of text: String) -> String {
  var scalars = text.unicodeScalars
  scalars.removeAll { $0.properties.isDefaultIgnorableCodePoint }
  return String(scalars)
}

/// The measures of a shown value.
private enum Shown {
  /// Columns of a value, quotes and dots included.
  static let widest = 40
  /// Characters shown before the first difference.
  static let before = 10
}

/// The value from its character number `start`, which is 0 where the whole value fits.
private func shown(_ text: String, from start: Int, isSpelledOut: Bool, look: Look) -> String {
  // What is longer than this in characters is wider than this in columns, so only a part of a
  // very long value is ever measured.
  let head = text.prefix(Shown.widest + 1)
  let isQuoted = needsQuotes(text) || isSpelledOut
  let quotes = isQuoted ? 2 : 0
  let whole = head.map { piece($0, isQuoted: isQuoted, isSpelledOut: isSpelledOut) }
  if head.endIndex == text.endIndex,
    whole.reduce(0, { $0 + displayWidth(of: $1) }) + quotes <= Shown.widest
  {
    return isQuoted ? "\"\(whole.joined())\"" : text
  }
  let dots = displayWidth(of: look.ellipsis)
  let tail = text.dropFirst(start).prefix(Shown.widest + 1)
  let isCutBefore = start > 0
  var room = Shown.widest - quotes - dots - (isCutBefore ? dots : 0)
  var part = ""
  var taken = 0
  for character in tail {
    let piece = piece(character, isQuoted: isQuoted, isSpelledOut: isSpelledOut)
    room -= displayWidth(of: piece)
    if room < 0 { break }
    part += piece
    taken += 1
  }
  let isCutAfter = taken < tail.count || tail.endIndex < text.endIndex
  let quote = isQuoted ? "\"" : ""
  return (isCutBefore ? look.ellipsis : "") + quote + part + quote
    + (isCutAfter ? look.ellipsis : "")
}

private func needsQuotes(_ text: String) -> Bool {
  if text.isEmpty || text.first == " " || text.last == " " || text.first == "\"" { return true }
  guard text.unicodeScalars.contains(where: isUnseen) else { return false }
  return text.contains { !isPicture($0) && $0.unicodeScalars.contains(where: isUnseen) }
}

/// One character as it is shown.
private func piece(_ character: Character, isQuoted: Bool, isSpelledOut: Bool) -> String {
  guard isQuoted, isSpelledOut || !isPicture(character) else { return String(character) }
  var text = ""
  for scalar in character.unicodeScalars {
    switch scalar {
    case "\n": text += "\\n"
    case "\r": text += "\\r"
    case "\t": text += "\\t"
    case "\"", "\\": text += "\\\(scalar)"
    default:
      if isUnseen(scalar) || isSpelledOut && !scalar.isASCII {
        text += scalar.codePoint
      } else {
        text.unicodeScalars.append(scalar)
      }
    }
  }
  return text
}

/// Whether a reader would overlook the character, or take it for a common blank.
private func isUnseen(_ scalar: Unicode.Scalar) -> Bool {
  if HiddenCharacter(scalar) != nil { return true }
  return scalar != " " && scalar.properties.generalCategory == .spaceSeparator
}

/// Whether this is an emoji of several parts, which invisible characters hold together.
private func isPicture(_ character: Character) -> Bool {
  guard let first = character.unicodeScalars.first else { return false }
  return !first.isASCII && first.properties.isEmoji
}
