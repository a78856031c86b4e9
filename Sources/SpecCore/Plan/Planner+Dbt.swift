import Diagnostics
import Injection

extension Planner {
  /// The files that have to be read before there is a whole plan.
  package var neededFiles: FileRequest? { spec.dbt?.files }

  /// What of the dbt section can be planned: all of it with the artifacts, else what the spec names.
  func dbtSuites(_ subjects: [TableSubject]) -> [Plan.Suite] {
    guard let spec = spec.dbt else { return [] }
    let parts = DbtParts(spec, dbt)
    var suites: [Plan.Suite] = []
    if spec.hasProject {
      suites.append(projectSuite(spec, parts, subjects))
    }
    for node in parts.models {
      let views = parts.views.filter { $0.node?.id == node.id }
      let steps = views.flatMap { viewSteps($0, spec, parts, subjects) } + testSteps(node, parts)
      if steps.isEmpty { continue }
      suites.append(
        Plan.Suite(
          name: "\(slug).dbt.\(parts.object(of: node))", title: node.name,
          table: views.first.flatMap { sourceName($0) }, steps: steps))
    }
    for view in parts.views where !parts.models.contains(where: { $0.id == view.node?.id }) {
      suites.append(
        Plan.Suite(
          name: "\(slug).dbt.\(Self.safe(view.name))", title: view.name, table: sourceName(view),
          steps: viewSteps(view, spec, parts, subjects)))
    }
    if let injection = spec.injection, let project = spec.project {
      var lint = InjectionSpec(range: injection.range)
      lint.paths = [project]
      suites.append(suite(lint, section: "dbt", at: injection.range))
    }
    return suites
  }

  private func dbtStep(
    _ object: String, _ check: String, _ range: SourceRange, _ sentence: String,
    _ implementation: any Check, severity: CaseSeverity = .error, tags: [String] = []
  ) -> Plan.Step {
    Plan.Step(
      id: CheckID(spec: slug, section: "dbt", object: object, check: check), clause: "2d",
      sentence: sentence, range: range, severity: severity, tags: tags, check: implementation)
  }

  // MARK: The project

  private func projectSuite(
    _ spec: DbtSpec, _ parts: DbtParts, _ subjects: [TableSubject]
  ) -> Plan.Suite {
    let range = spec.project?.range ?? spec.artifacts?.range ?? spec.range
    let title = spec.project?.value ?? spec.artifactsFolder
    var steps: [Plan.Step] = []
    func add(
      _ check: String, _ range: SourceRange, _ sentence: String, _ implementation: any Check,
      _ severity: CaseSeverity = .error
    ) {
      steps.append(dbtStep("project", check, range, sentence, implementation, severity: severity))
    }
    let selection = (spec.select ?? []).map(\.value).joined(separator: ", ")
    add(
      "artifacts", range,
      "dbt's manifest and results of \(title) are there, fit each other, and have "
        + (selection.isEmpty ? "models." : "models for \(selection)."),
      DecidedCheck(parts.artifactsVerdict(spec, target.engine)))
    // No manifest, or a selection of nothing, is told above: there is nothing more to say of it.
    if parts.models.isEmpty {
      return Plan.Suite(name: "\(slug).dbt.project", title: "dbt project \(title)", steps: steps)
    }
    if let catalog = dbt?.catalog.content {
      add(
        "catalog", range, "Every column that the project documents was there when dbt looked.",
        DecidedCheck(DbtJudgement.catalog(catalog, parts.models)), .warn)
    }
    if let tests = spec.tests {
      let limit = tests.value.newerThan.map { ", and not more than \($0.words) ago" } ?? ""
      add(
        "fresh", tests.range,
        "dbt's tests ran after the tables that they are about were last changed\(limit).",
        DbtFreshCheck(
          dbt?.results ?? .missing(path: spec.artifactsFolder + "/run_results.json"),
          tests: parts.tests, bases: parts.sources(in: target.engine),
          newerThan: tests.value.newerThan))
    }
    return Plan.Suite(name: "\(slug).dbt.project", title: "dbt project \(title)", steps: steps)
  }

  // MARK: Tests

  private func testSteps(_ node: DbtNode, _ parts: DbtParts) -> [Plan.Step] {
    guard let spec = spec.dbt, let tests = spec.tests, let dbt else { return [] }
    let object = parts.object(of: node)
    let own = parts.tests(of: node)
    var steps: [Plan.Step] = []
    var used: Set<String> = []
    for test in own {
      var name = "tests.\(Self.safe(test.name))"
      var number = 2
      while !used.insert(name).inserted {
        name = "tests.\(Self.safe(test.name))-\(number)"
        number += 1
      }
      // dbt's own verdict decides: an `error_if` above a `warn_if` gives both.
      let isWarning =
        dbt.results.content?.results[test.id]?.status == "warn"
        || test.test?.isWarning == true
      steps.append(
        dbtStep(
          object, name, tests.range, Self.sentence(test, node),
          DecidedCheck(DbtJudgement.test(test, dbt.results)), severity: isWarning ? .warn : .error,
          tags: test.tags))
    }
    let untested = spec.untested?.value ?? .warn
    if !own.isEmpty || untested != .ignore {
      steps.append(
        dbtStep(
          object, "tested", spec.untested?.range ?? tests.range,
          "\(node.name) has a test of dbt, and rows that it looked at.",
          DbtTestedCheck(
            node.name, node.relation?.relation(in: target.engine), tests: own.count),
          severity: own.isEmpty && untested == .warn ? .warn : .error))
    }
    return steps
  }

  private static func sentence(_ test: DbtNode, _ model: DbtNode) -> String {
    let column = test.test?.column.map { "\(model.name).\($0)" } ?? model.name
    let loosened =
      test.test?.condition.map { " (rows where \($0))" } ?? ""
    switch test.test?.name {
    case _ where test.kind == .unitTest:
      return "dbt's unit test \(test.name) of \(model.name) passes."
    case "unique": return "dbt found no value of \(column) twice\(loosened)."
    case "not_null": return "dbt found no empty \(column)\(loosened)."
    case "accepted_values": return "dbt found only accepted values in \(column)\(loosened)."
    case "relationships": return "dbt found every \(column) where it refers to\(loosened)."
    default: return "dbt's test \(test.name) of \(model.name) passes\(loosened)."
    }
  }

  // MARK: Views

  private func sourceName(_ view: DbtParts.View) -> TableSubject.SideName? {
    guard case .found(let name) = original(view) else { return nil }
    return name
  }

  private enum Original {
    case found(TableSubject.SideName)
    case problem(Verdict.Unchecked)
  }

  /// What the view stands for in Postgres.
  private func original(_ view: DbtParts.View) -> Original {
    func query(_ text: String) -> Original {
      .found(
        TableSubject.SideName(
          schema: sourceSchema,
          name: QualifiedName.Part(text: "the query for \(view.name)", isQuoted: true),
          engine: .postgres, query: text))
    }
    switch view.spec.equals?.value {
    case .view(let name):
      return .found(TableSubject.SideName(name, in: sourceSchema, of: .postgres))
    case .query(let text):
      // It was read once when the spec was.
      switch ReadOnlySQL.read(text) {
      case .success(let read): return query(read.text)
      case .failure(let problem):
        return .problem(Verdict.Unchecked(type: "not_a_query", reason: problem.words))
      }
    case .file(let path):
      guard let part = dbt?.queries[path] else {
        return .problem(
          Verdict.Unchecked(type: "missing_file", reason: "\(path) was not read"))
      }
      if let text = part.content { return query(text) }
      return .problem(
        part.problem
          ?? Verdict.Unchecked(type: "missing_file", reason: "\(path) was not read"))
    case nil:
      guard let text = view.node?.replaces else {
        return .problem(
          Verdict.Unchecked(
            type: "no_original",
            reason: "nothing says what \(view.name) replaces",
            remedy: "write `equals:` in the spec, or `meta: { replaces: schema.view }` at the model"
          ))
      }
      guard let name = QualifiedName(text) else {
        return .problem(
          Verdict.Unchecked(
            type: "no_original",
            reason: "meta.replaces of \(view.name) is `\(text)`, which is no name of a view"))
      }
      return .found(TableSubject.SideName(name, in: sourceSchema, of: .postgres))
    }
  }

  /// Where the view is in the target.
  private func place(_ view: DbtParts.View) -> TableSubject.SideName? {
    if let written = view.spec.target {
      return TableSubject.SideName(written.value, in: targetSchema, of: target.engine)
    }
    guard let relation = view.node?.relation?.relation(in: target.engine) else { return nil }
    return TableSubject.SideName(
      schema: SchemaName(
        database: relation.schema.database ?? targetSchema.database, schema: relation.schema.schema
      ), name: QualifiedName.Part(text: relation.name.name, isQuoted: false),
      engine: target.engine)
  }

  private func viewSteps(
    _ view: DbtParts.View, _ spec: DbtSpec, _ parts: DbtParts, _ subjects: [TableSubject]
  ) -> [Plan.Step] {
    let object = view.node.map(parts.object(of:)) ?? Self.safe(view.name)
    let tags = (view.spec.tags ?? []).map(\.value)
    func step(
      _ check: String, _ range: SourceRange, _ sentence: String, _ implementation: any Check
    ) -> Plan.Step {
      dbtStep(
        object, check, range, sentence, implementation, severity: view.spec.severity ?? .error,
        tags: tags)
    }
    let source = original(view)
    guard let there = place(view), case .found(let name) = source else {
      var unchecked: [Verdict.Unchecked] = []
      if case .problem(let problem) = source { unchecked.append(problem) }
      if place(view) == nil { unchecked.append(parts.whyUnknown(view, spec)) }
      return [
        step(
          "exists", view.range, "\(view.name) is there in \(target.title), with what it replaces.",
          DecidedCheck(Verdict(summary: unchecked.first?.reason ?? "", unchecked: unchecked)))
      ]
    }
    let subject = subject(view, object, name, there)
    let words = name.query == nil ? "\(name)" : "its query"
    var steps = [
      step(
        "exists", view.range,
        "\(view.name) is there in \(target.title)"
          + (name.query == nil ? ", and \(name) in Postgres." : "."), ExistsCheck(subject)),
      step(
        "columns", view.range, "\(view.name) has the columns of \(words) in Postgres.",
        ViewColumnsCheck(subject)),
    ]
    if let key = view.spec.key, let first = key.first {
      let names = key.map(\.value).joined(separator: ", ")
      steps.append(
        step(
          "key", first.range,
          "\(names) identifies each row of \(view.name): no join multiplies rows.",
          ViewKeyCheck(subject)))
    }
    if subject.expectations.rowCount.value != .skip {
      steps.append(
        step(
          "row_count", subject.expectations.rowCount.range, Sentence.rowCount(subject),
          RowCountCheck(subject)))
    }
    steps.append(
      step(
        "rows", view.spec.equals?.range ?? view.range,
        "\(view.name) gives what \(words) gives in Postgres. \(Sentence.checksum(subject))",
        ViewRowsCheck(subject)))
    steps.append(
      step(
        "base_tables", view.range,
        "\(view.name) is built over the migrated tables and over what dbt makes of them, not over "
          + "other copies.",
        ViewBasesCheck(
          subject, dbt?.manifest.content,
          migrated: subjects.filter { $0.spec.onlyIn?.value != .source }.map(\.target))))
    if view.spec.sessionZone?.value != .skip {
      steps.append(
        step(
          "session_zone", view.spec.sessionZone?.range ?? view.range,
          "\(view.name) gives the same rows whatever the time zone of the session that reads it.",
          ViewZoneCheck(subject)))
    }
    return steps
  }

  private func subject(
    _ view: DbtParts.View, _ object: String, _ source: TableSubject.SideName,
    _ place: TableSubject.SideName
  ) -> TableSubject {
    var columns = view.spec.columns ?? []
    for entry in view.spec.tolerance ?? [] {
      let name = entry.name.value.lowercased()
      if let index = columns.firstIndex(where: { $0.name.value.lowercased() == name }) {
        columns[index].options.tolerance = entry.value
      } else {
        var options = ColumnOptions()
        options.tolerance = entry.value
        columns.append(ColumnSpec(name: entry.name, options: options))
      }
    }
    var table = TableSpec(range: view.range)
    table.key = view.spec.key
    table.filter = view.spec.filter
    table.sensitive = view.spec.sensitive
    table.rowCount = view.spec.rowCount
    table.because = view.spec.because
    // Its name there is said, so that it need not be the same.
    table.source = Located(QualifiedName(parts: [source.name]), at: view.range)
    return TableSubject(
      object: object, title: view.name, source: source, target: place, targetTitle: target.title,
      spec: table,
      expectations: TableSubject.Expectations(
        rowCount: view.spec.rowCount ?? Located(.equal, at: view.range),
        columns: Located(columns.isEmpty ? .equal : .each(columns), at: view.range),
        columnOrder: Located(.any, at: view.range),
        constraints: Located(.skip, at: view.range), checksum: Located(.all, at: view.range),
        severity: view.spec.severity ?? .error), range: view.range)
  }

  // MARK: Exceptions

  /// What the dbt section leaves out or tolerates.
  var dbtExceptions: [SpecException] {
    guard let spec = spec.dbt else { return [] }
    var found: [SpecException] = []
    func add(_ object: String, _ sentence: String, _ because: String?, _ range: SourceRange) {
      found.append(
        SpecException(
          subject: "\(slug).dbt.\(object)", sentence: sentence, because: because, range: range))
    }
    for entry in spec.exclude ?? [] {
      add("project", "dbt: \(entry.value) is left out.", nil, entry.range)
    }
    if let untested = spec.untested, untested.value == .ignore {
      add("project", "dbt: models without a test are not reported.", nil, untested.range)
    }
    if spec.project != nil, spec.tests == nil {
      add("project", "dbt: its own tests are not looked at.", nil, spec.range)
    }
    for entry in spec.views ?? [] {
      let (name, view) = (entry.name.value, entry.value)
      func add(_ sentence: String, _ range: SourceRange, _ because: String? = nil) {
        found.append(
          SpecException(
            subject: "\(slug).dbt.\(Self.safe(name))", sentence: "\(name): \(sentence)",
            because: because ?? view.because, range: range))
      }
      for tolerance in view.tolerance ?? [] {
        add(
          "\(tolerance.name.value) may be apart by \(tolerance.value.value).", tolerance.name.range)
      }
      for column in view.columns ?? [] {
        if let onlyIn = column.onlyIn {
          add(
            "\(column.name.value) is in the \(onlyIn.value.rawValue) only.", onlyIn.range,
            column.because)
        } else if let words = column.options.words {
          add("\(column.name.value) is compared \(words).", column.name.range, column.because)
        }
      }
      if let filter = view.filter {
        add("only rows where \(filter.value.words) are compared.", filter.range)
      }
      if view.key == nil { add("no key is given: rows are compared as a set.", entry.name.range) }
      switch view.rowCount?.value {
      case .skip: add("rows are not counted.", view.rowCount?.range ?? view.range)
      case .withinRows, .withinPercent:
        add("the row counts may be apart.", view.rowCount?.range ?? view.range)
      default: break
      }
      if let zone = view.sessionZone, zone.value == .skip {
        add("whether it depends on the session's time zone is not looked at.", zone.range)
      }
      if view.severity == .warn { add("failures only warn.", entry.name.range) }
    }
    return found
  }
}
