import Diagnostics
import YAMLSource

extension SpecShapes {
  static var watchMeaning: String {
    "What `parity watch` looks at during the cut-over, and when the target counts as ready."
  }

  /// The section.
  static var watch: Shape<WatchSpec> {
    .object(
      "watch", WatchSpec.init(range:),
      fields: [
        Field(
          "every", \.every, interval,
          "From one look to the next, such as 30s; 60s unless said, or by --every."),
        Field(
          "deadline", \.deadline, positive,
          "When nobody waits any longer, such as 4h; 24h unless said, or by --deadline."),
        Field("tables", \.tables, names, "Only these of the spec's tables."),
        Field(
          "high_water", \.highWater, .map(of: .text),
          "By table, the column whose greatest value tells how far a side has come, or none. "
            + "Default: the column of the table's window, else a key of one whole number, day or moment."
        ),
        Field(
          "newest", \.newest, .integer(1...10_000),
          "How many of the newest rows that the target should have are compared; 100 unless said."),
        Field("ready", \.ready, ready, "When the target counts as ready."),
        Field(
          "stalled_after", \.stalledAfter, .integer(1...1_000),
          "So many looks without progress while something is missing are a stall; 2 unless said."),
      ])
  }

  private static var ready: Shape<ReadySpec> {
    .object(
      "ready", { _ in ReadySpec() },
      fields: [
        Field(
          "lag", \.lag, lag, "How far the target may be behind, such as 60s (default), or skip."),
        Field("rows", \.rows, rowCount, "How many rows there must be, written like row_count."),
        Field(
          "newest", \.newest, .choice,
          "equal (default) where the newest rows must be the same, or skip."),
        Field(
          "ticks", \.ticks, .integer(1...1_000),
          "In how many looks in a row it must hold; 3 unless said, or by --ticks."),
      ],
      check: { ready, node, diagnostics in
        if ready.lag == .skip, ready.rows == .skip, ready.newest == .skip {
          diagnostics.append(Diagnostic(.nothingWanted, at: node.range.opening))
        }
      })
  }

  private enum SkipWord: String, CaseIterable, Sendable { case skip }

  private static var lag: Shape<LagLimit> {
    let skip = Shape<SkipWord>.choice
    let span = duration
    return Shape(schema: ["anyOf": [skip.schema, span.schema]]) { node, diagnostics in
      if case .scalar("skip", _) = node.content { return .skip }
      return span.read(node, &diagnostics).map(LagLimit.atMost)
    }
  }

  /// Looks that follow each other more closely than a statement takes would only load the servers.
  private static var interval: Shape<TimeSpan> {
    duration.map { span, node, diagnostics in
      if span.seconds >= 0.1 { return span }
      diagnostics.append(Diagnostic(.expected("a duration of 100ms or more"), at: node.range))
      return nil
    }
  }

  private static var positive: Shape<TimeSpan> {
    duration.map { span, node, diagnostics in
      if span.seconds > 0 { return span }
      diagnostics.append(Diagnostic(.expected("a duration above 0"), at: node.range))
      return nil
    }
  }

  /// Names that lead nowhere, as far as that is known without a database.
  static func checkWatch(_ spec: Spec, _ diagnostics: inout [Diagnostic]) {
    guard let watch = spec.watch else { return }
    guard let tables = spec.tables else {
      diagnostics.append(Diagnostic(.noTables, at: watch.range.opening))
      return
    }
    let compared = tables.named.filter { $0.value.onlyIn == nil }.map(\.name.value)
    let lone = tables.named.filter { $0.value.onlyIn != nil }.map(\.name.value)
    let excused = tables.except.map(\.name.value)
    let written = (watch.tables ?? []) + (watch.highWater ?? []).map(\.name)
    for name in written where !compared.contains(name.value) {
      // Of `all` tables the others are known when the source has been asked.
      if tables.isAll, !lone.contains(name.value), !excused.contains(name.value) { continue }
      diagnostics.append(Diagnostic(.notCompared(name.value, among: compared), at: name.range))
    }
    if let chosen = watch.tables.map({ $0.map(\.value) }) {
      for entry in watch.highWater ?? [] where compared.contains(entry.name.value) || tables.isAll {
        if !chosen.contains(entry.name.value) {
          diagnostics.append(Diagnostic(.notWatched(entry.name.value), at: entry.name.range))
        }
      }
    }
  }
}

extension Diagnostic.Message {
  fileprivate static let nothingWanted = Self(
    "E0108", "`ready` needs something that must hold",
    label: "`lag`, `rows` and `newest` are all left out",
    notes: ["a target that nothing is asked of would be ready at once"])

  fileprivate static let noTables = Self(
    "E0108", "`watch` needs tables", label: "`tables:` of the spec is missing")

  fileprivate static func notCompared(_ name: String, among known: [String]) -> Self {
    Self(
      "E0120", "`\(name)` is no table that the spec compares on both sides",
      label: nearestName(to: name, among: known).map { "did you mean `\($0)`?" }
        ?? "not compared")
  }

  fileprivate static func notWatched(_ name: String) -> Self {
    Self(
      "E0111", "`\(name)` is not among the tables to watch",
      label: "add it to `tables`, or take it out")
  }
}
