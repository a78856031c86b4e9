import Diagnostics

extension Planner {
  /// One suite for each query, carried out while nothing else loads the databases.
  var performanceSuites: [Plan.Suite] {
    var used: Set<String> = []
    return (spec.performance ?? []).map { entry in
      let object = Self.object(entry.name.value, used: &used)
      let query = entry.value
      let subject = TimedQuery(
        query, name: entry.name.value, schemas: [.source: sourceSchema, .target: targetSchema],
        targetTitle: target.title)
      let steps = query.budgets.map { budget, range in
        Plan.Step(
          id: CheckID(spec: slug, section: "performance", object: object, check: budget.name),
          clause: budget.clause, sentence: subject.sentence(budget), range: range,
          severity: query.severity ?? .error, tags: (query.tags ?? []).map(\.value),
          check: TimingCheck(budget, subject))
      }
      return Plan.Suite(
        name: "\(slug).performance.\(object)", title: "\(entry.name.value) (\(subject.rhythm))",
        isAlone: true, steps: steps)
    }
  }

  /// Budgets that do not bind.
  var performanceExceptions: [SpecException] {
    var used: Set<String> = []
    return (spec.performance ?? []).compactMap { entry in
      let object = Self.object(entry.name.value, used: &used)
      guard entry.value.severity == .warn else { return nil }
      return SpecException(
        subject: "\(slug).performance.\(object)",
        sentence: "\(entry.name.value): a budget that is missed only warns.",
        because: entry.value.because, range: entry.name.range)
    }
  }

  /// The query's name as a part of ids, which hold no blanks and no dots.
  private static func object(_ name: String, used: inout Set<String>) -> String {
    let kept = name.unicodeScalars.map { scalar -> Character in
      let isKept =
        scalar.properties.isAlphabetic || (0x30...0x39).contains(scalar.value) || scalar == "_"
        || scalar == "-"
      return isKept ? Character(scalar) : "_"
    }
    let object = kept.isEmpty ? "query" : String(kept)
    var candidate = object
    var number = 2
    while !used.insert(candidate).inserted {
      candidate = "\(object)-\(number)"
      number += 1
    }
    return candidate
  }
}

extension PerformanceQuery {
  /// What is expected, in the order of the language, with where it is written.
  var budgets: [(TimingBudget, SourceRange)] {
    var found: [(TimingBudget, SourceRange)] = []
    func add<Value>(_ written: Located<Value>?, _ budget: (Value) -> TimingBudget) {
      if let written { found.append((budget(written.value), written.range)) }
    }
    add(p50) { .p50($0) }
    add(p95) { .p95($0) }
    add(max) { .max($0) }
    add(cold) { .cold($0) }
    add(rows) { .rows($0) }
    add(scanned) { .scanned($0) }
    add(spilled) { .spilled($0) }
    add(queued) { .queued($0) }
    add(versusSource) { .versusSource($0) }
    return found
  }
}
