package import Diagnostics

/// How text for people looks: its colours, and whether its marks may leave ASCII.
package struct Look: Hashable, Sendable {
  /// The colours, which never carry a meaning alone.
  package let style: Style
  /// Whether marks such as `✓` and `…` may be used; values of rows are shown as they are.
  package let usesUnicode: Bool

  package init(style: Style, usesUnicode: Bool = true) {
    self.style = style
    self.usesUnicode = usesUnicode
  }

  /// For files: no colours, all marks.
  package static let plain = Self(style: .plain)

  /// Stands where text was cut.
  var ellipsis: String { usesUnicode ? "…" : "..." }

  /// Stands between the two sides.
  var arrow: String { usesUnicode ? "→" : "->" }
}
