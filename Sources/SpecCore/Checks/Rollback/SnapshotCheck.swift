/// Expects a clone made at cut-over to hold every table of the spec.
struct SnapshotCheck: Check {
  let subjects: [TableSubject]
  let place: SnapshotPlace
  let engine: Engine
  private var asks: [Ask] = []

  init(_ subjects: [TableSubject], in place: SnapshotPlace, of engine: Engine) {
    self.subjects = subjects
    self.place = place
    self.engine = engine
  }

  mutating func next(given answers: [Answer], dialects: Dialects) -> Move {
    guard engine == .snowflake else {
      return .decide(
        Verdict(
          Verdict.Unchecked(
            type: "unsupported", reason: "a second Postgres has no zero-copy clones",
            remedy: "run the spec with a Snowflake target, or leave `snapshot` out")))
    }
    guard !subjects.isEmpty else { return .decide(.noTables) }
    let names = subjects.compactMap { place.name(of: $0) }
    guard !names.isEmpty else { return .decide(judge([])) }
    guard !asks.isEmpty else {
      // The tables themselves too: a table of the clone's that holds nothing must not look like one.
      asks = RetentionCheck.schemas(of: names + subjects.map(\.target))
        .map { Ask(.target, .schema($0)) }
      return .ask(asks)
    }
    return .decide(judge(answers))
  }

  private func judge(_ answers: [Answer]) -> Verdict {
    var verdict = Verdict(summary: "", type: "incomplete_snapshot")
    let catalogs = RollbackCatalogs(asks, answers)
    verdict.unchecked = catalogs.unchecked.map(helped)
    var counts: [String] = []
    for subject in subjects {
      guard let name = place.name(of: subject) else {
        verdict.unchecked.append(
          Verdict.Unchecked(
            type: "not_comparable",
            reason:
              "\(subject.title) lies in \(subject.target.schema), of which \(place) is no clone",
            remedy: "clone the whole database, and name that"))
        continue
      }
      switch catalogs.finding(name) {
      case .table(let table) where table.kind == .table:
        if let unchecked = emptiness(of: table, subject, catalogs) {
          verdict.unchecked.append(unchecked)
        }
        counts.append(
          "\(table.relation): \(table.estimatedRows.map { counted($0, "row") } ?? "rows not told")")
      case .table(let table):
        verdict.findings.append(
          "\(table.relation) is a \(table.kind.rawValue), which keeps no rows of its own")
      case .missing(let sentence): verdict.findings.append("\(sentence); cure: \(cure(subject))")
      case .ambiguous(let sentence):
        verdict.unchecked.append(Verdict.Unchecked(type: "ambiguous_name", reason: sentence))
      case .invisible(let sentence):
        let unchecked = Verdict.Unchecked(type: "missing_object", reason: sentence)
        if !verdict.unchecked.contains(helped(unchecked)) {
          verdict.unchecked.append(helped(unchecked))
        }
      // Told once for the whole schema.
      case nil: break
      }
    }
    verdict.notes =
      counts.isEmpty
      ? [] : ["in the clone, as Snowflake's catalog counts them: \(counts.joined(separator: ", "))"]
    if !verdict.findings.isEmpty {
      verdict.summary =
        "\(counted(verdict.findings.count, "table")) of \(grouped(subjects.count)) not in \(place)"
    } else if let first = verdict.unchecked.first {
      verdict.summary = first.reason.firstLine
    } else {
      verdict.summary = "\(place) holds \(counted(subjects.count, "table"))"
    }
    return verdict
  }

  /// A table of the clone that holds no row, though the table itself does.
  private func emptiness(
    of clone: TableCatalog, _ subject: TableSubject, _ catalogs: RollbackCatalogs
  ) -> Verdict.Unchecked? {
    guard clone.estimatedRows == 0, case .table(let table) = catalogs.finding(subject.target),
      let rows = table.estimatedRows, rows > 0
    else { return nil }
    return Verdict.Unchecked(
      type: "not_comparable",
      reason: "\(clone.relation) is empty, but \(table.relation) holds \(counted(rows, "row")): "
        + "nothing tells whether it was empty at cut-over",
      remedy: "CREATE TABLE … CLONE \(subject.target), while Time Travel reaches back")
  }

  /// Snowflake does not tell what is not there from what may not be seen.
  private func helped(_ unchecked: Verdict.Unchecked) -> Verdict.Unchecked {
    guard ["missing_object", "permission_denied"].contains(unchecked.type) else { return unchecked }
    var unchecked = unchecked
    let kind = place.isSchema ? "SCHEMA" : "DATABASE"
    unchecked.remedy =
      "if it is not there: CREATE \(kind) \(place) CLONE \(place.original(of: subjects)); if it is: "
      + "GRANT USAGE ON \(kind) \(place) TO ROLE of the run"
    return unchecked
  }

  private func cure(_ subject: TableSubject) -> String {
    let lost = "it was not there when the clone was made, or was dropped since"
    return "\(lost); CREATE TABLE … CLONE \(subject.target), while Time Travel reaches back"
  }
}

/// Where a clone is: a database, or a schema.
struct SnapshotPlace: Hashable, Sendable, CustomStringConvertible {
  let database: Identifier
  /// The schema of a clone that is one.
  let schema: Identifier?
  /// Whose clone it is, where it is a schema.
  let target: SchemaName

  /// Reads a name as Snowflake does: capital letters, unless it is quoted.
  init(_ name: QualifiedName, target: SchemaName, in engine: Engine) {
    let parts = name.parts.map { part in
      Identifier(part.isQuoted ? part.text : engine.folded(part.text))
    }
    database = parts[0]
    schema = parts.count > 1 ? parts[1] : nil
    self.target = target
  }

  var isSchema: Bool { schema != nil }

  var description: String {
    Engine.snowflake.written([database] + [schema].compactMap(\.self))
  }

  /// Where a table would be in the clone; `nil` where it lies in a schema that was not cloned.
  func name(of subject: TableSubject) -> TableSubject.SideName? {
    let own = subject.target
    guard let schema else {
      return TableSubject.SideName(
        schema: SchemaName(database: database, schema: own.schema.schema), name: own.name,
        engine: own.engine)
    }
    guard own.schema == target else { return nil }
    return TableSubject.SideName(
      schema: SchemaName(database: database, schema: schema), name: own.name, engine: own.engine)
  }

  /// What was cloned, as a statement names it.
  func original(of subjects: [TableSubject]) -> String {
    let schema = subjects.first?.target.schema ?? target
    return isSchema ? "\(schema)" : schema.database.map { Engine.snowflake.written($0) } ?? "…"
  }
}
