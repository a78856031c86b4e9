/// A password, key or token that cannot be printed by accident.
///
/// Description, debug description, `dump` and reflection all show `•••`; two secrets can be
/// compared, and only ``reveal()`` gives the text away.
package struct Secret: Hashable, Sendable {
  private let text: String

  package init(_ text: String) { self.text = text }

  /// The text itself; called where it is handed to a key parser or put into a request, nowhere else.
  package func reveal() -> String { text }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  package var description: String { "•••" }
  package var debugDescription: String { "•••" }
  package var customMirror: Mirror { Mirror(self, children: []) }
}
