/// How many columns of a terminal the text takes.
func displayWidth(of text: String) -> Int {
  text.reduce(0) { $0 + displayWidth(of: $1) }
}

/// The text with blanks behind it up to this many columns; longer text stays as it is.
func padded(_ text: String, to width: Int) -> String {
  text + String(repeating: " ", count: max(0, width - displayWidth(of: text)))
}

/// How many columns a character takes: 2 for wide ones, 0 for a lone accent.
func displayWidth(of character: Character) -> Int {
  guard let base = character.unicodeScalars.first else { return 0 }
  if base.isASCII { return 1 }
  if base.properties.isEmojiPresentation || isWide(base) { return 2 }
  // A sign that is text by itself becomes a picture by the selector behind it.
  if base.properties.isEmoji, character.unicodeScalars.contains("\u{FE0F}") { return 2 }
  return switch base.properties.generalCategory {
  case .nonspacingMark, .enclosingMark: 0
  default: 1
  }
}

/// Whether Unicode's East Asian Width is wide or full, emoji left out.
private func isWide(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.value {
  case ..<0x1100: false
  case 0x1100...0x115F, 0x2329...0x232A, 0x2E80...0x303E, 0x3041...0x3247, 0x3250...0x4DBF: true
  case 0x4E00...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF: true
  case 0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6: true
  case 0x16FE0...0x18DFF, 0x1AFF0...0x1B2FF, 0x1F200...0x1F265, 0x20000...0x3FFFD: true
  default: false
  }
}
