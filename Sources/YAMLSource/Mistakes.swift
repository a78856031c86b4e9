import Diagnostics

/// The mistakes found so far in one file, up to a number nobody reads beyond.
struct Mistakes {
  private static let most = 100

  private(set) var found: [Diagnostic] = []

  /// Whether to stop reading: more mistakes would not be shown.
  var isFull: Bool { found.count >= Self.most }

  /// Adds a mistake, unless there are enough; the last one that fits says so.
  mutating func report(
    _ message: Diagnostic.Message, at range: SourceRange, related: [Diagnostic.Related] = []
  ) {
    guard !isFull else { return }
    var message = message
    if found.count == Self.most - 1 {
      message = Diagnostic.Message(
        message.code, message.text, label: message.label,
        notes: message.notes + ["reading stops after \(Self.most) mistakes; there may be more"])
    }
    found.append(Diagnostic(message, at: range, related: related))
  }
}
