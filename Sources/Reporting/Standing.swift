import Diagnostics
package import SpecCore

/// What a case means for its run: its outcome, with the severity taken into account.
package enum Standing: Hashable, Sendable, CaseIterable {
  case passed, failed, warned, waived, errored, skipped

  /// The word that begins a line; with its blank four characters, or more where none must do.
  package var word: String {
    switch self {
    case .passed: "PASS"
    case .failed: "FAIL"
    case .warned: "WARN"
    case .waived: "WAIVED"
    case .errored: "ERR "
    case .skipped: "SKIP"
    }
  }

  /// The word in its colour.
  func word(in look: Look) -> String { colour(word, in: look) }

  /// The text in the colour of this standing.
  func colour(_ text: String, in look: Look) -> String {
    switch self {
    case .passed: look.style.green(text)
    case .failed: look.style.red(text)
    case .warned, .waived: look.style.yellow(text)
    case .errored: look.style.red(text)
    case .skipped: look.style.dim(text)
    }
  }

  /// The mark before a line of the live view.
  func mark(in look: Look) -> String {
    switch self {
    case .passed: look.usesUnicode ? "✓" : "+"
    case .failed: look.usesUnicode ? "✗" : "x"
    case .warned: look.usesUnicode ? "⚠" : "!"
    case .waived: "~"
    case .errored: "?"
    case .skipped: "-"
    }
  }
}

extension CaseResult {
  /// What the case means for a run; `strict` counts warnings as failures.
  package func standing(strict: Bool) -> Standing {
    switch outcome {
    case .passed: .passed
    case .failed: severity == .warn && !strict ? .warned : .failed
    case .waived: .waived
    case .errored: .errored
    case .skipped: .skipped
    }
  }
}
