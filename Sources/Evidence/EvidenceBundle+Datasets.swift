import Reporting
import SpecCore

extension EvidenceBundle {
  /// `datasets.json`: what was compared, side by side, so that it can be recognised later.
  var datasets: JSONValue { .array(Side.allCases.map(dataset)) }

  private func dataset(_ side: Side) -> JSONValue {
    let result = side == .source ? run.source : run.target
    let head: [(String, JSONValue)] = [
      ("side", .string(side.rawValue)), ("declared", .text(result.declared)),
    ]
    guard let facts = result.facts else {
      var reason = "it was not asked"
      if case .failed(let error) = result.outcome { reason = error.message }
      return .object(
        head + [("fingerprint", .null), ("read_at", .null), ("not_read", .text(reason))])
    }
    return .object(
      head + [
        ("engine", .text("\(facts.engine) \(facts.version)")),
        ("identity", .object([("name", .text(facts.name)), ("role", .text(facts.role))])),
        ("fingerprint", .text(facts.fingerprint)),
        ("snapshot", .text(facts.readPoint)),
        ("read_at", .time(facts.readAt)),
        ("tls", .text(facts.encryption)),
        // Postgres refuses writes in the transaction; to Snowflake nothing but queries is sent.
        ("read_only", true),
        ("replica", .optional(facts.replica)),
        ("notes", .texts(facts.notes)),
        ("tables", .array(contents(side))),
      ])
  }

  /// Each object that was counted or digested, once, in the order of the plan.
  private func contents(_ side: Side) -> [JSONValue] {
    var order: [String] = []
    var known: [String: ContentFacts.Content] = [:]
    for result in run.cases {
      guard let content = result.verdict.content?[side] else { continue }
      guard var earlier = known[content.name] else {
        order.append(content.name)
        known[content.name] = content
        continue
      }
      earlier.rows = earlier.rows ?? content.rows
      earlier.digest = earlier.digest ?? content.digest
      known[content.name] = earlier
    }
    return order.compactMap { name in
      known[name].map {
        .object([
          ("name", .text(name)),
          ("rows", $0.rows.map { .integer($0) } ?? .null),
          ("checksum", .optional($0.digest)),
        ])
      }
    }
  }
}
