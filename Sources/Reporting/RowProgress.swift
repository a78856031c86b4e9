package import SpecCore

/// How far the reading of a table has come: rows that were counted before, and rows that came since.
///
/// Nothing is guessed: what is not known is not said. Times are seconds since the reading began.
package struct RowProgress: Hashable, Sendable {
  private struct Track: Hashable {
    let total: Int
    var done = 0
    /// When the last rows came.
    var advanced = 0.0

    var fraction: Double { total > 0 ? Double(done) / Double(total) : 1 }

    /// Rows a second so far; `nil` as long as a moment would decide about it.
    var rate: Double? { done > 0 && advanced >= 2 ? Double(done) / advanced : nil }

    /// Seconds until the end at the speed so far; `nil` too early, and once they have passed.
    func secondsLeft(at seconds: Double) -> Double? {
      guard let rate, fraction >= 0.01 else { return nil }
      let left = Double(total - done) / rate - (seconds - advanced)
      return left > 0 ? left : nil
    }
  }

  private var tracks: [Side: Track]

  /// With the rows that each side will read.
  package init(rows: [Side: Int]) {
    tracks = rows.mapValues { Track(total: $0) }
  }

  /// Notes that so many more rows were read.
  package mutating func add(_ rows: Int, on side: Side, at seconds: Double) {
    tracks[side]?.done += rows
    tracks[side]?.advanced = seconds
  }

  /// Seconds until both sides are read at their speed so far, 0 where they are; `nil` where nobody
  /// knows.
  package func secondsLeft(at seconds: Double) -> Double? {
    var longest = 0.0
    for track in tracks.values where track.done < track.total {
      guard let left = track.secondsLeft(at: seconds) else { return nil }
      longest = max(longest, left)
    }
    return longest
  }

  /// What can be said of the side that is behind, the longest form first:
  /// `4,200,000 of 10,000,000 rows, 140,000/s, about 41s left`.
  package func words(at seconds: Double) -> [String] {
    let sides = Side.allCases.compactMap { tracks[$0] }
    guard let track = sides.min(by: { $0.fraction < $1.fraction }), track.total > 0 else {
      return []
    }
    func rows(_ number: (Int) -> String) -> String {
      if track.done == 0 { return "\(number(track.total)) rows" }
      // More than were counted: the data changed meanwhile, which the check will tell.
      if track.done > track.total { return "\(number(track.done)) rows" }
      return "\(number(track.done)) of \(number(track.total)) rows"
    }
    let rate = track.done < track.total ? track.rate.map { Int($0) } : nil
    let left = secondsLeft(at: seconds).flatMap { $0 > 0 ? wholeDuration($0) : nil }
    let (long, short) = (rows(grouped), rows(abbreviated))
    let forms = [
      long + (rate.map { ", \(grouped($0))/s" } ?? "") + (left.map { ", about \($0) left" } ?? ""),
      short + (rate.map { ", \(abbreviated($0))/s" } ?? "") + (left.map { ", \($0) left" } ?? ""),
      short + (left.map { ", \($0) left" } ?? ""), short,
    ]
    return forms.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }
}
