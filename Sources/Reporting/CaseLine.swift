import Diagnostics
package import SpecCore

/// `FAIL shop.tables.orders.checksum  2 of 48,210 rows differ  9.81s`, one line a finished case.
///
/// The summary begins behind `idWidth` columns of id, so that lines stand below each other.
package func caseLine(
  _ result: CaseResult, look: Look, strict: Bool = false, idWidth: Int = 0
) -> String {
  let standing = result.standing(strict: strict)
  // A longer word takes its columns from the blanks behind the id.
  let longer = max(0, standing.word.count - 4)
  let id = padded(oneLine(redacted(result.id.description)), to: idWidth - longer)
  let words = standing == .passed ? oneLine(redacted(result.verdict.summary)) : result.message
  let summary = cut(words, to: 160, mark: look.ellipsis)
  let retried = result.retries.isEmpty ? "" : " (asked \(result.retries.count + 1) times)"
  let excuse = result.waiver.map { ", waived \(oneLine(redacted($0.terms)))" } ?? ""
  let told = summary + retried + (standing == .waived ? excuse : "")
  let time = look.style.dim(duration(result.seconds))
  return "\(standing.word(in: look)) \(id)  \(told.isEmpty ? "" : told + "  ")\(time)"
}

/// `...  shop.tables.order_items.checksum  still running, 30s`: the heartbeat of a build log, with
/// what is known of the rows.
package func waitingLine(_ id: CheckID, seconds: Double, rows: String? = nil) -> String {
  "...  \(oneLine(id.description))  still running, \(wholeDuration(seconds))"
    + (rows.map { ": \($0)" } ?? "")
}
