import SpecCore

/// Questions of several checks about one relation, filter and side, put as one statement.
///
/// The only place that knows of fusing: checks ask as if they were alone.
struct Fusion {
  /// What goes to the databases: every question once, aggregates over one scan as one.
  let asks: [Ask]
  private let scans: [Key: [Measure]]

  private struct Key: Hashable {
    let side: Side
    let scan: Scan
  }

  init(_ wanted: [Ask]) {
    var scans: [Key: [Measure]] = [:]
    var order: [Ask] = []
    var keys: [Key] = []
    for ask in wanted {
      guard case .aggregate(let scan, let measures) = ask.question else {
        if !order.contains(ask) { order.append(ask) }
        continue
      }
      let key = Key(side: ask.side, scan: scan)
      if scans[key] == nil { keys.append(key) }
      for measure in measures where scans[key]?.contains(measure) != true {
        scans[key, default: []].append(measure)
      }
    }
    self.scans = scans
    asks = order + keys.map { Ask($0.side, .aggregate($0.scan, scans[$0] ?? [])) }
  }

  /// The statement that answers this question.
  func carrier(of ask: Ask) -> Ask {
    guard case .aggregate(let scan, _) = ask.question,
      let measures = scans[Key(side: ask.side, scan: scan)]
    else { return ask }
    return Ask(ask.side, .aggregate(scan, measures))
  }

  /// The part of the carrier's answer that this question asked for.
  func part(of answer: Answer, for ask: Ask) -> Answer {
    guard case .aggregate(let scan, let measures) = ask.question,
      case .measures(let cells) = answer, let all = scans[Key(side: ask.side, scan: scan)]
    else { return answer }
    return .measures(
      measures.map { measure in
        guard let position = all.firstIndex(of: measure), position < cells.count else {
          preconditionFailure("a measure was not carried")
        }
        return cells[position]
      })
  }
}
