/// Something a rule saw, before places are counted and allow comments applied.
struct Observation {
  /// The words of a rule, which stand beside it.
  struct Words {
    /// What is wrong, for a reader who knows no SQL.
    let sentence: String
    /// What to write instead.
    let remedy: String
  }

  let rule: LintRule
  /// Where it is, in bytes of the file.
  let range: Range<Int>
  /// The text to show where what is written there must not be shown, or is too long.
  var shown: String?
  let words: Words
  /// Whether it is worth knowing only.
  var isInformational = false
}

/// A place from which a file could not be read.
struct Problem: Error, Equatable {
  /// The byte of the file at which the unfinished thing begins.
  let offset: Int
  /// What is wrong.
  let reason: String
}
