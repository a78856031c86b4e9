import Diagnostics

/// Turns a spec into a plan; offline but for `tables: all`, which needs the source's tables.
package struct Planner {
  let spec: Spec
  let slug: String
  let target: TargetConnection
  let sourceSchema: SchemaName
  let targetSchema: SchemaName
  /// What dbt wrote, where it was read.
  let dbt: DbtArtifacts?

  /// Plans for the sides of one environment; with the files that ``neededFiles`` asks for.
  package init(
    spec: Spec, slug: String, source: PostgresConnection, target: TargetConnection,
    files: FoundFiles? = nil
  ) {
    self.spec = spec
    dbt = files.flatMap { files in spec.dbt.map { DbtArtifacts(files, of: $0) } }
    self.slug = slug
    sourceSchema = SchemaName(schema: Identifier(source.schema ?? "public"))
    self.target = target
    targetSchema = target.schema
  }

  /// The question whose answer `plan(sourceTables:)` needs, for `tables: all`.
  package var neededCatalog: SchemaName? { spec.tables?.isAll == true ? sourceSchema : nil }

  /// The whole plan; for `tables: all` without the source's tables only what the spec names.
  package func plan(sourceTables: SchemaCatalog? = nil) -> Plan {
    let subjects = subjects(sourceTables)
    let map = TableMap(
      subjects: subjects, defaultTarget: targetSchema, engine: target.engine)
    var suites = subjects.map { subject in
      Plan.Suite(
        name: "\(slug).tables.\(subject.object)", title: subject.title,
        table: subject.spec.onlyIn == nil ? subject.source : nil,
        steps: steps(subject, map))
    }
    if let unlisted = unlistedSuite(subjects) { suites.append(unlisted) }
    suites += dbtSuites(subjects)
    suites += securitySuites(subjects)
    suites += regressionSuites()
    suites += performanceSuites
    for suite in suites.indices {
      for step in suites[suite].steps.indices {
        suites[suite].steps[step].declaredWaiver = waiver(of: suites[suite].steps[step].id)
      }
    }
    return Plan(
      suites: suites, exceptions: exceptions(subjects), waivers: waivers(suites),
      isOpen: (neededCatalog != nil && sourceTables == nil) || (spec.dbt != nil && dbt == nil))
  }

  // MARK: Subjects

  func subjects(_ catalog: SchemaCatalog?) -> [TableSubject] {
    guard let tables = spec.tables else { return [] }
    var named = tables.named.compactMap { entry in
      QualifiedName(entry.name.value).map { (entry, $0) }
    }
    if tables.isAll, let catalog {
      let written =
        named.map { $0.0.value.source?.value ?? $0.1 }
        + tables.except.compactMap { QualifiedName($0.name.value) }
      let mentioned = catalog.relations(
        named: written.filter { $0.parts.count == 1 }.map(\.table))
      for table in catalog.tables where table.kind == .table {
        let name = table.relation.name
        if mentioned.contains(name) { continue }
        // Quoted where needed, so that the name means exactly this table.
        let isPlain =
          QualifiedName(name.name)?.parts.count == 1 && name.name == name.name.lowercased()
        let entry = MapEntry(
          name: Located(isPlain ? name.name : "\"\(name.name)\"", at: tables.range),
          value: TableSpec(range: tables.range))
        named.append(
          (entry, QualifiedName(parts: [QualifiedName.Part(text: name.name, isQuoted: !isPlain)])))
      }
    }
    var used: Set<String> = []
    return named.map { subject($0, $1, used: &used) }
  }

  private func subject(
    _ entry: MapEntry<TableSpec>, _ name: QualifiedName, used: inout Set<String>
  ) -> TableSubject {
    let table = entry.value
    var object = String(
      name.description.unicodeScalars.map { scalar -> Character in
        let isKept =
          scalar.properties.isAlphabetic || (0x30...0x39).contains(scalar.value)
          || scalar == "_" || scalar == "-"
        return isKept ? Character(scalar) : "_"
      }.drop { $0 == "_" && name.parts.first?.isQuoted == true })
    while object.last == "_", name.parts.last?.isQuoted == true { object.removeLast() }
    if object.isEmpty { object = "table" }
    var candidate = object
    var number = 2
    while !used.insert(candidate).inserted {
      candidate = "\(object)-\(number)"
      number += 1
    }
    let sourceName = table.source?.value ?? name
    let engine = target.engine
    let target =
      table.target.map { TableSubject.SideName($0.value, in: targetSchema, of: engine) }
      ?? TableSubject.SideName(
        likeSource: name.table.text, isQuoted: name.table.isQuoted, in: targetSchema, of: engine)
    return TableSubject(
      object: candidate, title: entry.name.value,
      source: TableSubject.SideName(sourceName, in: sourceSchema, of: .postgres),
      target: target, targetTitle: self.target.title, spec: table,
      expectations: expectations(table), range: entry.name.range)
  }

  private func expectations(_ table: TableSpec) -> TableSubject.Expectations {
    let defaults = spec.defaults ?? TableExpectations()
    return TableSubject.Expectations(
      rowCount: table.rowCount ?? defaults.rowCount ?? Located(.equal, at: table.range),
      columns: table.columns ?? defaults.columns ?? Located(.equal, at: table.range),
      columnOrder: table.columnOrder ?? defaults.columnOrder ?? Located(.any, at: table.range),
      constraints: table.constraints ?? defaults.constraints
        ?? Located(.hold(except: [], because: nil), at: table.range),
      checksum: table.checksum ?? defaults.checksum ?? Located(.all, at: table.range),
      severity: table.severity ?? defaults.severity ?? .error)
  }

  // MARK: Steps

  private func steps(_ subject: TableSubject, _ map: TableMap) -> [Plan.Step] {
    var steps = [
      step(subject, "exists", "2a", subject.range, Sentence.exists(subject), ExistsCheck(subject))
    ]
    guard subject.spec.onlyIn == nil else { return steps }
    let expected = subject.expectations
    if expected.rowCount.value != .skip {
      steps.append(
        step(
          subject, "row_count", "2b", place(subject, subject.spec.rowCount?.range),
          Sentence.rowCount(subject), RowCountCheck(subject)))
    }
    if expected.columns.value != .skip {
      steps.append(
        step(
          subject, "columns", "2b", place(subject, subject.spec.columns?.range),
          Sentence.columns(subject), ColumnsCheck(subject)))
      for column in expected.columns.value.named {
        steps += columnSteps(subject, column, map)
      }
    }
    if let count = subject.spec.columnCount {
      steps.append(
        step(
          subject, "column_count", "2b", count.range,
          "\(subject.title) has \(counted(count.value, "column")) in \(target.title).",
          ColumnCountCheck(subject, expected: count.value)))
    }
    if expected.constraints.value != .skip {
      steps.append(
        step(
          subject, "constraints", "2b", place(subject, subject.spec.constraints?.range),
          Sentence.constraints(subject), ConstraintsCheck(subject, map: map)))
    }
    if expected.checksum.value != .skip {
      steps.append(
        step(
          subject, "checksum", "2c", place(subject, subject.spec.checksum?.range),
          Sentence.checksum(subject), ChecksumCheck(subject)))
    }
    return steps
  }

  private func place(_ subject: TableSubject, _ own: SourceRange?) -> SourceRange {
    own ?? subject.range
  }

  private func step(
    _ subject: TableSubject, _ check: String, _ clause: String, _ range: SourceRange,
    _ sentence: String, _ implementation: any Check, severity: CaseSeverity? = nil
  ) -> Plan.Step {
    Plan.Step(
      id: CheckID(spec: slug, section: "tables", object: subject.object, check: check),
      clause: clause, sentence: sentence, range: range,
      severity: severity ?? subject.expectations.severity,
      tags: (subject.spec.tags ?? []).map(\.value), check: implementation)
  }

  private func columnSteps(
    _ subject: TableSubject, _ column: ColumnSpec, _ map: TableMap
  ) -> [Plan.Step] {
    var wanted: [(String, SourceRange, String, ColumnExpectationCheck.Expectation)] = []
    let name = "\(subject.title).\(column.name.value)"
    if let type = column.type {
      wanted.append(
        ("type", type.range, "\(name) is \(type.value) in \(target.title).", .type(type.value)))
    }
    if let notNull = column.notNull, notNull.value {
      wanted.append(("not_null", notNull.range, "\(name) is never empty (NULL).", .notNull))
    }
    if let unique = column.unique, unique.value {
      wanted.append(("unique", unique.range, "No value of \(name) occurs twice.", .unique))
    }
    if let accepted = column.acceptedValues {
      let list = accepted.value.joined(separator: ", ")
      wanted.append(
        (
          "accepted_values", accepted.range, "\(name) is one of: \(list).",
          .accepted(accepted.value)
        ))
    }
    if let references = column.references {
      let other = "\(references.value.table).\(references.value.column)"
      wanted.append(
        (
          "references", references.range, "Every \(name) is found in \(other).",
          .references(references.value, map)
        ))
    }
    return wanted.map { check, range, sentence, expectation in
      let safe = column.name.value.map { $0 == "." || $0.isWhitespace ? "_" : $0 }
      return step(
        subject, "columns.\(String(safe)).\(check)", "2b", range, sentence,
        ColumnExpectationCheck(subject, column: column, expectation: expectation),
        severity: column.severity)
    }
  }

  private func unlistedSuite(_ subjects: [TableSubject]) -> Plan.Suite? {
    guard let tables = spec.tables else { return nil }
    let policy = spec.unlistedTables ?? Located(.warn, at: tables.range)
    guard policy.value != .ignore else { return nil }
    let known =
      subjects.filter { $0.source.schema == sourceSchema }.map(\.source.name)
      + tables.except.compactMap { QualifiedName($0.name.value)?.table }
    let object = sourceSchema.schema.name.map { $0 == "." || $0.isWhitespace ? "_" : $0 }
    return Plan.Suite(
      name: "\(slug).coverage.\(String(object))", title: "coverage of \(sourceSchema)",
      steps: [
        Plan.Step(
          id: CheckID(
            spec: slug, section: "coverage", object: String(object), check: "unlisted_tables"),
          clause: "2a",
          sentence: "Every table of \(sourceSchema) in Postgres is listed here or excused.",
          range: policy.range, severity: policy.value == .fail ? .error : .warn, tags: [],
          check: UnlistedTablesCheck(schema: sourceSchema, known: known))
      ])
  }
}
