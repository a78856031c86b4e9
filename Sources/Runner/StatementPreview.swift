package import SpecCore

/// The statements a plan will send, found by asking the catalogs and nothing else.
package struct StatementPreview: Sendable {
  /// The first statements of a step that read data.
  package struct Entry: Sendable {
    package let step: Plan.Step
    package let statements: [(side: Side, sql: String)]
    /// What kept the statements from being made.
    package let problem: String?
    /// Why there are no statements.
    package let reason: Reason?

    package enum Reason: Sendable {
      /// The catalogs decide the step without reading data.
      case decidedByCatalog
      /// Files of this machine are read.
      case readsFiles
      /// The statements are run again and again, and timed.
      case measures
    }
  }

  private let sides: Sides
  private let catalogs: CatalogCache

  package init(_ sides: Sides) {
    self.sides = sides
    catalogs = CatalogCache(sides)
  }

  /// What each step will send first; later statements depend on the answers.
  package func entries(of plan: Plan) async -> [Entry] {
    var entries: [Entry] = []
    for step in plan.steps { entries.append(await entry(of: step)) }
    return entries
  }

  /// The tables of a schema of the source.
  package func schema(_ name: SchemaName) async -> Result<SchemaCatalog, DatabaseError> {
    switch await catalogs.reply(to: Ask(.source, .schema(name))).answer {
    case .schema(let catalog): .success(catalog)
    case .failed(let error): .failure(error)
    default: preconditionFailure("a schema question is answered by a schema or an error")
    }
  }

  private func entry(of step: Plan.Step) async -> Entry {
    var check = step.check
    var answers: [Answer] = []
    while true {
      switch check.next(given: answers, dialects: sides.dialects) {
      case .ask(let asks) where asks.allSatisfy(\.question.isCatalog):
        answers = []
        for ask in asks { answers.append(await catalogs.reply(to: ask).answer) }
      case .ask(let asks):
        let statements = asks.flatMap { ask in
          let dialect = sides[ask.side].dialect
          return dialect.statements(for: ask.question).map {
            (ask.side, dialect.recorded(dialect.render($0)))
          }
        }
        return Entry(step: step, statements: statements, problem: nil, reason: nil)
      case .merge(let merge):
        return Entry(
          step: step,
          statements: [
            (.source, sides.text(of: merge.source, on: .source)),
            (.target, sides.text(of: merge.target, on: .target)),
          ], problem: nil, reason: nil)
      case .compare(let comparison):
        return Entry(
          step: step,
          statements: [
            (.source, sides.text(of: comparison.source, on: .source)),
            (.target, sides.text(of: comparison.target, on: .target)),
          ], problem: nil, reason: nil)
      case .follow(let following):
        return Entry(
          step: step,
          statements: Side.allCases.map { side in
            (side, sides[side].dialect.recorded(following[side].relation.query ?? ""))
          }, problem: nil, reason: nil)
      case .read, .lint:
        return Entry(step: step, statements: [], problem: nil, reason: .readsFiles)
      case .measure(let request):
        let statements = Side.allCases.compactMap { side in
          request.statements[side].map { (side, $0) }
        }
        return Entry(step: step, statements: statements, problem: nil, reason: .measures)
      case .decide(let verdict):
        return Entry(
          step: step, statements: [], problem: verdict.unchecked.first?.reason,
          reason: .decidedByCatalog)
      }
    }
  }
}
