package import SpecCore

/// Takes the differing rows that a run reads, case by case.
package protocol DifferenceSink: Sendable {
  /// A case is asked, for the first time or once more: rows taken of it before are void.
  func begin(_ id: CheckID)

  /// Rows of a case that differ, as they are read.
  func add(_ id: CheckID, _ comparison: Move.Comparison, _ differences: [KeyedMerge.Difference])

  /// A case is decided. Returns what whoever reads its result should know of its rows, if anything.
  func end(_ id: CheckID, _ extent: DifferenceExtent) -> String?
}

/// How many of a case's differing rows were read, and so handed to a ``DifferenceSink``.
package enum DifferenceExtent: Hashable, Sendable {
  /// There are none.
  case nothing
  /// All of them.
  case whole
  /// The contents differ, but not all differing rows were handed out, for this reason.
  case part(String)
  /// The case could not be decided, for this reason.
  case unknown(String)
}

extension DifferenceExtent {
  /// What a verdict says of the rows; `isMerged` where they were compared in the order of digests,
  /// so that none was handed out.
  init(_ verdict: Verdict, isMerged: Bool) {
    switch verdict.outcome {
    case .passed, .skipped: self = .nothing
    case .errored: self = .unknown(verdict.summary)
    case .failed where verdict.type != "checksum_mismatch": self = .nothing
    case .failed where isMerged:
      self = .part("it was compared by the MD5 of each row, a way that writes none")
    case .failed, .waived:
      if let first = verdict.unchecked.first {
        self = .part(first.reason)
      } else {
        self = .whole
      }
    }
  }
}
