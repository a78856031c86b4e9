/// Expects the target to hold no more rows than the source.
struct ReverseRowCountCheck: Check {
  private let subject: TableSubject
  private var count: RowCountCheck

  init(_ subject: TableSubject) {
    self.subject = subject
    count = RowCountCheck(subject)
  }

  mutating func next(given answers: [Answer], dialects: Dialects) -> Move {
    let move = count.next(given: answers, dialects: dialects)
    guard case .decide(let verdict) = move, let source = verdict.content?.source?.rows,
      let target = verdict.content?.target?.rows
    else { return move }
    var turned = Verdict(
      summary: "\(grouped(target)) in the target, \(grouped(source)) in the source",
      type: "lost_by_rollback", unchecked: verdict.unchecked, notes: verdict.notes)
    turned.content = verdict.content
    if target > source {
      turned.findings = [
        "\(counted(target - source, "row")) more in the target: written there after cut-over, they "
          + "would be lost by a rollback"
      ]
    } else if target == 0, !subject.mayBeEmptyInTarget {
      turned.unchecked.append(.emptyTarget(subject))
      turned.summary = turned.unchecked[0].reason
    }
    return .decide(turned)
  }
}

/// Expects the source to hold every row and value of the target: whatever it lacks, a rollback loses.
///
/// Rows of the source alone are counted and lose nothing.
struct ReverseChecksumCheck: Check {
  private let subject: TableSubject
  private var lookup: TableLookup
  private var checksum: ChecksumCheck
  /// Columns of the target alone; `nil` until the catalogs were read.
  private var extra: [ColumnCatalog]?

  init(_ subject: TableSubject) {
    self.subject = subject
    lookup = TableLookup(subject)
    checksum = ChecksumCheck(subject)
  }

  var rowsAhead: [Side: Int]? { extra == nil ? nil : checksum.rowsAhead }
  var countsAhead: [Side: Scan] { extra == nil ? [:] : checksum.countsAhead }

  mutating func next(given answers: [Answer], dialects: Dialects) -> Move {
    if extra != nil { return turned(checksum.next(given: answers, dialects: dialects)) }
    switch lookup.next(given: answers) {
    case .ask(let asks): return .ask(asks)
    case .stop(let verdict): return .decide(verdict)
    case .found(let pair):
      extra = pair.extra
      return turned(checksum.next(given: [], dialects: dialects))
    }
  }

  private func turned(_ move: Move) -> Move {
    guard case .decide(let verdict) = move else { return move }
    return .decide(turned(verdict))
  }

  private func turned(_ original: Verdict) -> Verdict {
    var verdict = original
    verdict.type = "lost_by_rollback"
    verdict.findings = []
    verdict.recheckAfter = nil
    if let rows = original.rows {
      judge(rows, &verdict)
    } else if !original.findings.isEmpty {
      verdict.unchecked.append(
        Verdict.Unchecked(
          type: "not_localised",
          reason: "\(original.summary), and which rows of the target the source lacks could not be "
            + "found out"))
    }
    if original.content?.target?.rows == 0, (original.content?.source?.rows ?? 0) > 0,
      !subject.mayBeEmptyInTarget
    {
      verdict.unchecked.append(.emptyTarget(subject))
    }
    for column in extra ?? [] {
      verdict.findings.append(
        "the column \(column.name) is in the target only: its values would be lost by a rollback "
          + "(if a loader made it, say `only_in: target`)")
    }
    if verdict.findings.isEmpty, let first = verdict.unchecked.first {
      verdict.summary = first.reason.firstLine
    } else if original.rows == nil, let first = verdict.findings.first {
      verdict.summary = first
    }
    return verdict
  }

  private func judge(_ rows: RowDifferences, _ verdict: inout Verdict) {
    var parts: [String] = []
    if rows.added > 0 { parts.append("\(counted(rows.added, "row")) only in the target") }
    if rows.modified > 0 {
      parts.append(
        "\(counted(rows.modified, "row")) \(rows.modified == 1 ? "differs" : "differ") there")
    }
    if rows.removed > 0 {
      verdict.notes.append(
        "\(counted(rows.removed, "row")) in the source only: a rollback loses nothing of them, and "
          + "brings back what was deleted in the target since")
    }
    guard !parts.isEmpty else {
      verdict.rows = nil
      verdict.summary =
        "\(counted(rows.identical, "row")) of the target, all of them in the source as well"
      return
    }
    verdict.summary = parts.joined(separator: ", ") + ": lost by a rollback"
    verdict.findings = [
      "\(parts.joined(separator: ", ")): written to the target after cut-over, a rollback would lose "
        + "them"
    ]
  }
}

extension TableSubject {
  /// Whether the author says that the target holds no row.
  fileprivate var mayBeEmptyInTarget: Bool {
    if case .exactly(_, target: 0) = expectations.rowCount.value { true } else { false }
  }
}

extension Verdict.Unchecked {
  /// What an address of the wrong database looks like.
  fileprivate static func emptyTarget(_ subject: TableSubject) -> Self {
    Self(
      type: "empty_tables",
      reason: "\(subject.title) is empty in the target: there was nothing to compare",
      remedy: "is it the right database? write `row_count: 0` if that is right")
  }
}
