import Diagnostics

extension Planner {
  /// The suite of the application's queries.
  func querySuite(_ regression: RegressionSpec) -> Plan.Suite? {
    guard let queries = regression.queries, !queries.isEmpty else { return nil }
    let steps = queries.flatMap { entry -> [Plan.Step] in
      let sets: [RegressionQuery.ParameterSet?] = entry.value.parameters ?? [nil]
      return sets.enumerated().compactMap { number, values in
        step(
          entry, values,
          check: sets.count > 1 ? "\(entry.name.value).\(number + 1)" : entry.name.value)
      }
    }
    return Plan.Suite(
      name: "\(slug).regression.queries", title: "the application's queries", steps: steps)
  }

  private func step(
    _ entry: MapEntry<RegressionQuery>, _ values: RegressionQuery.ParameterSet?, check: String
  ) -> Plan.Step? {
    let query = entry.value
    guard let source = query.text(.source), let target = query.text(.target) else { return nil }
    let subject = QuerySubject(
      name: entry.name.value, texts: [.source: source, .target: target],
      values: Dictionary(
        (values?.values ?? []).map { ($0.name.value, $0.value) }, uniquingKeysWith: { $1 }),
      spec: query, schemas: [.source: sourceSchema, .target: targetSchema],
      targetEngine: self.target.engine, targetTitle: self.target.title)
    let with = values.map { " with \($0.words)" } ?? ""
    let order = query.order?.value == .same ? ", in the same order" : ""
    return Plan.Step(
      id: CheckID(spec: slug, section: "regression", object: "queries", check: check),
      clause: "4b",
      sentence:
        "The application's query \(entry.name.value)\(with) gives the same rows in Postgres and in "
        + "\(self.target.title)\(order)\(Self.loosened(query)).",
      range: entry.name.range, severity: query.severity ?? .error,
      tags: (query.tags ?? []).map(\.value), check: QueryCheck(subject))
  }

  private static func loosened(_ query: RegressionQuery) -> String {
    (query.tolerance ?? []).map { "; \($0.name.value) to within \($0.value)" }.joined()
  }

  /// What the author tolerates of the queries' results.
  func queryExceptions(_ regression: RegressionSpec) -> [SpecException] {
    var found: [SpecException] = []
    for entry in regression.queries ?? [] {
      func add(_ sentence: String, _ range: SourceRange) {
        found.append(
          SpecException(
            subject: "\(slug).regression.queries.\(entry.name.value)",
            sentence: "The application's query \(entry.name.value): \(sentence)",
            because: entry.value.because, range: range))
      }
      for tolerance in entry.value.tolerance ?? [] {
        add(
          "\(tolerance.name.value) is compared to within \(tolerance.value).", tolerance.name.range)
      }
      if let empty = entry.value.empty { add("no row at all is an answer too.", empty.range) }
      if let columns = entry.value.columns, columns.value == .positional {
        add("columns are compared by their position, whatever their names.", columns.range)
      }
      if entry.value.severity == .warn { add("differences only warn.", entry.name.range) }
    }
    return found
  }
}
