import Diagnostics

extension Planner {
  /// The section of the ids of these checks, which no spec has.
  static let reverseSection = "reverse"

  /// What of each table the target has and the source lacks.
  func reversePlan(_ sourceTables: SchemaCatalog?) -> Plan {
    let subjects = subjects(sourceTables)
    return Plan(
      suites: subjects.map { subject in
        Plan.Suite(
          name: "\(slug).\(Self.reverseSection).\(subject.object)", title: subject.title,
          table: subject.spec.onlyIn == nil ? subject.source : nil, steps: steps(subject))
      }, exceptions: exceptions(subjects) + [otherTables], signOff: signOff,
      isOpen: neededCatalog != nil && sourceTables == nil)
  }

  /// What a green run does not say.
  private var otherTables: SpecException {
    SpecException(
      subject: "\(slug).\(Self.reverseSection)",
      sentence: "What was written to other tables of \(target.title) after cut-over is not seen.",
      because: "--reverse looks at the tables of the spec", range: spec.tables?.range ?? spec.range)
  }

  private func steps(_ subject: TableSubject) -> [Plan.Step] {
    func step(
      _ check: String, _ range: SourceRange?, _ sentence: String, _ implementation: any Check
    ) -> Plan.Step {
      Plan.Step(
        id: CheckID(
          spec: slug, section: Self.reverseSection, object: subject.object, check: check),
        clause: "8b", sentence: sentence, range: range ?? subject.range,
        severity: subject.expectations.severity, tags: (subject.spec.tags ?? []).map(\.value),
        check: implementation)
    }
    var steps = [step("exists", nil, Sentence.exists(subject), ExistsCheck(subject))]
    guard subject.spec.onlyIn == nil else { return steps }
    if subject.expectations.rowCount.value != .skip {
      steps.append(
        step(
          "row_count", subject.spec.rowCount?.range, Sentence.reverseRowCount(subject),
          ReverseRowCountCheck(subject)))
    }
    if subject.expectations.checksum.value != .skip {
      steps.append(
        step(
          "checksum", subject.spec.checksum?.range, Sentence.reverseChecksum(subject),
          ReverseChecksumCheck(subject)))
    }
    return steps
  }
}

extension Sentence {
  fileprivate static func reverseRowCount(_ subject: TableSubject) -> String {
    "\(subject.title): \(subject.targetTitle) holds no more rows than Postgres\(rows(subject))."
  }

  fileprivate static func reverseChecksum(_ subject: TableSubject) -> String {
    let values =
      switch subject.expectations.checksum.value {
      case .all, .skip: "every value"
      case .only(let names): "every value of \(names.map(\.value).joined(separator: ", "))"
      case .except(let names, _):
        "every value except \(names.map(\.value).joined(separator: ", "))"
      }
    return
      "\(subject.title): Postgres holds every row and \(values) that \(subject.targetTitle) holds"
      + "\(rows(subject)), so that a rollback loses nothing."
  }

  private static func rows(_ subject: TableSubject) -> String {
    subject.spec.filter.map { " (rows where \($0.value.words))" } ?? ""
  }
}

extension Spec {
  /// What is left of the spec where only rows of the target are looked for.
  ///
  /// Rows that were written just now, or that a sample leaves out, would be lost like any other.
  var reversed: Spec {
    var spec = self
    (spec.dbt, spec.security, spec.regression) = (nil, nil, nil)
    (spec.performance, spec.waivers) = (nil, nil)
    (spec.acceptance, spec.rollback) = (nil, nil)
    spec.defaults?.rowCount = Self.reversed(defaults?.rowCount)
    spec.tables?.named = (tables?.named ?? []).map { entry in
      var table = entry.value
      table.rowCount = Self.reversed(table.rowCount)
      (table.window, table.sample) = (nil, nil)
      return MapEntry(name: entry.name, value: table)
    }
    return spec
  }

  /// Of what is said about numbers of rows, what does not excuse more of them in the target.
  private static func reversed(
    _ expected: Located<RowCountExpectation>?
  ) -> Located<RowCountExpectation>? {
    switch expected?.value {
    case .withinRows, .withinPercent: nil
    case .exactly(let source, let target) where source != target && target > 0: nil
    default: expected
    }
  }
}
