/// How much a diagnostic weighs: an error stops the command, a warning does not.
package enum DiagnosticSeverity: String, Hashable, Sendable {
  case error, warning
}

/// A mistake in something a person wrote: where it stands, what is wrong, and the way out.
package struct Diagnostic: Hashable, Sendable {
  /// The words of a diagnostic, which stand beside the rule that says them.
  package struct Message: Hashable, Sendable {
    /// The code that `parity explain` knows, such as `E0107`.
    package let code: String
    /// What is wrong, in lower case and without a full stop.
    package let text: String
    /// The words beside the caret, usually the way out: "did you mean `row_count`?".
    package let label: String?
    /// Lines below the excerpt, each shown after an equals sign.
    package let notes: [String]

    package init(_ code: String, _ text: String, label: String? = nil, notes: [String] = []) {
      self.code = code
      self.text = text
      self.label = label
      self.notes = notes
    }
  }

  /// Another place that explains the mistake, such as the first of two duplicate keys.
  package struct Related: Hashable, Sendable {
    /// Where the other place is.
    package let range: SourceRange
    /// What it has to do with the mistake.
    package let text: String

    package init(range: SourceRange, text: String) {
      self.range = range
      self.text = text
    }
  }

  /// What is wrong, in words.
  package let message: Message
  /// Whether the mistake stops the command.
  package let severity: DiagnosticSeverity
  /// Where the mistake stands.
  package let range: SourceRange
  /// Other places worth looking at, in the order to show them where lines are equal.
  package let related: [Related]

  package init(
    _ message: Message, at range: SourceRange, severity: DiagnosticSeverity = .error,
    related: [Related] = []
  ) {
    self.message = message
    self.severity = severity
    self.range = range
    self.related = related
  }
}

/// All the mistakes found in one reading, thrown once at its end; never empty.
package struct DiagnosticsError: Error, Hashable {
  /// The mistakes, in the order they were found.
  package let diagnostics: [Diagnostic]

  package init(diagnostics: [Diagnostic]) {
    self.diagnostics = diagnostics
  }
}
