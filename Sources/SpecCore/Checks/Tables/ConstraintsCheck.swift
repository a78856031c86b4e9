/// Expects the source's keys and rules in the target's catalog, and proves them on its rows.
///
/// Snowflake records primary, unique and foreign keys without enforcing them, and Postgres can be
/// told to skip the proof, so a key that is there may still be broken: both are looked at.
struct ConstraintsCheck: Check {
  private enum State: Sendable {
    case lookup
    case parents(TablePair, [Ask])
    case data(ConstraintJudgement)
  }

  let subject: TableSubject
  let map: TableMap
  private let excused: Set<ConstraintKind>
  private var lookup: TableLookup
  private var state = State.lookup

  init(_ subject: TableSubject, map: TableMap) {
    self.subject = subject
    self.map = map
    lookup = TableLookup(subject)
    if case .hold(let except, _) = subject.expectations.constraints.value {
      excused = Set(except)
    } else {
      excused = []
    }
  }

  mutating func next(given answers: [Answer], dialects: Dialects) -> Move {
    switch state {
    case .lookup:
      switch lookup.next(given: answers) {
      case .ask(let asks): return .ask(asks)
      case .stop(let verdict): return .decide(verdict)
      case .found(let pair):
        let schemas = Set(pair.source.foreignKeys.map { map.target(of: $0.parent).schema })
        let asks = schemas.sorted().map { Ask(.target, .schema($0)) }
        if asks.isEmpty || excused.contains(.foreignKey) {
          return judge(pair, parents: [:], dialects)
        }
        state = .parents(pair, asks)
        return .ask(asks)
      }
    case .parents(let pair, let asks):
      var parents: [SchemaName: Result<SchemaCatalog, DatabaseError>] = [:]
      for (ask, answer) in zip(asks, answers) {
        guard case .schema(let name) = ask.question else { continue }
        switch answer {
        case .schema(let catalog): parents[name] = .success(catalog)
        case .failed(let error): parents[name] = .failure(error)
        default: preconditionFailure("a schema question is answered by a schema or an error")
        }
      }
      return judge(pair, parents: parents, dialects)
    case .data(var judgement):
      judgement.read(answers)
      return .decide(judgement.verdict)
    }
  }

  private mutating func judge(
    _ pair: TablePair, parents: [SchemaName: Result<SchemaCatalog, DatabaseError>],
    _ dialects: Dialects
  ) -> Move {
    var judgement = ConstraintJudgement(
      subject: subject, pair: pair, excused: excused, dialects: dialects)
    judgement.judgeSource()
    judgement.judgeKeys()
    judgement.judgeForeignKeys { Self.parent(map.target(of: $0.parent), parents) }
    judgement.judgeChecks()
    judgement.judgeDefaults()
    if judgement.asks.isEmpty { return .decide(judgement.verdict) }
    state = .data(judgement)
    return .ask(judgement.asks)
  }

  private static func parent(
    _ name: TableSubject.SideName,
    _ parents: [SchemaName: Result<SchemaCatalog, DatabaseError>]
  ) -> ConstraintJudgement.Parent {
    switch parents[name.schema] {
    case .failure(let error): return .unknown(Verdict.Unchecked(error, on: .target))
    case nil:
      preconditionFailure("the schemas of all parents were asked for")
    case .success(let catalog):
      guard catalog.isVisible, name.engine.listsEverything || !catalog.tables.isEmpty else {
        return .unknown(
          Verdict.Unchecked(
            type: "missing_object",
            reason:
              "the schema \(name.schema) is not there in the target, or the role may not see it"))
      }
      switch catalog.find(name.name, in: name.engine) {
      case .table(let table): return .table(table)
      case .missing: return .missing
      case .ambiguous(let names):
        return .unknown(
          Verdict.Unchecked(
            type: "ambiguous_name",
            reason: "\(name.name.text) could be \(names.joined(separator: " or ")) in the target"))
      }
    }
  }
}
