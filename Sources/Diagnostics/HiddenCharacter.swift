/// Why a character must not reach a reader's eyes as it is: they would not see it, or be misled.
package enum HiddenCharacter: Hashable, Sendable {
  /// C0, C1 or delete; tab and line feed included.
  case control
  /// Reorders the text around it, so that it reads otherwise than it runs.
  case bidirectional
  /// A line or paragraph separator, a line break to some programs only.
  case lineSeparator
  /// Takes no room: zero-width characters, byte order marks inside text, fillers, tags.
  case invisible
  /// No character at all, by the rules of Unicode.
  case noncharacter

  /// The reason to hide `scalar`, or nil for one that readers see.
  package init?(_ scalar: Unicode.Scalar) {
    switch scalar.value {
    case 0x20...0x7E: return nil
    case 0..<0x20, 0x7F...0x9F: self = .control
    case 0x200E, 0x200F, 0x061C, 0x202A...0x202E, 0x2066...0x2069: self = .bidirectional
    case 0x2028, 0x2029: self = .lineSeparator
    // The two that choose between a letter's and a picture's look are part of many emoji.
    case 0xFE0E, 0xFE0F: return nil
    default:
      if scalar.properties.isNoncharacterCodePoint {
        self = .noncharacter
      } else if scalar.properties.isDefaultIgnorableCodePoint {
        self = .invisible
      } else {
        return nil
      }
    }
  }
}

extension Unicode.Scalar {
  /// The code point in Unicode's notation, such as `U+202E`.
  package var codePoint: String {
    let digits = String(value, radix: 16, uppercase: true)
    return "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }
}

/// The text with every hidden character spelled out, such as `<U+202E>`, for one line of output.
package func visible(_ text: String) -> String {
  guard text.unicodeScalars.contains(where: { HiddenCharacter($0) != nil }) else { return text }
  var shown = ""
  for scalar in text.unicodeScalars {
    if HiddenCharacter(scalar) == nil {
      shown.unicodeScalars.append(scalar)
    } else {
      shown += "<\(scalar.codePoint)>"
    }
  }
  return shown
}
