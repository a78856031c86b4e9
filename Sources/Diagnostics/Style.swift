/// How text is set off on a terminal: by ANSI colours, or not at all.
package struct Style: Hashable, Sendable {
  private let isColoured: Bool

  /// Leaves text as it is, for files, pipes and `NO_COLOR`.
  package static let plain = Self(isColoured: false)
  /// Wraps text in ANSI escape sequences.
  package static let coloured = Self(isColoured: true)

  /// Sets text in bold.
  package func bold(_ text: String) -> String { wrap(text, "1") }
  /// Sets text in bold red, the colour of errors.
  package func red(_ text: String) -> String { wrap(text, "1;31") }
  /// Sets text in bold yellow, the colour of warnings.
  package func yellow(_ text: String) -> String { wrap(text, "1;33") }
  /// Sets text in green, the colour of what is good.
  package func green(_ text: String) -> String { wrap(text, "32") }
  /// Sets text in cyan, the colour of line numbers and second places.
  package func cyan(_ text: String) -> String { wrap(text, "36") }
  /// Sets text back, for what matters least.
  package func dim(_ text: String) -> String { wrap(text, "2") }

  private func wrap(_ text: String, _ parameters: String) -> String {
    isColoured && !text.isEmpty ? "\u{1B}[\(parameters)m\(text)\u{1B}[0m" : text
  }
}
