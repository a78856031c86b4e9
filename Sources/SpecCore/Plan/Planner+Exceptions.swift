import Diagnostics

extension Planner {
  /// Everything the spec leaves out or tolerates on purpose, in its order.
  func exceptions(_ subjects: [TableSubject]) -> [SpecException] {
    var found = (spec.waivers ?? []).map { waiver in
      SpecException(
        subject: waiver.check.value,
        sentence: "A failure of \(waiver.check.value) is waived \(waiver.terms).",
        because: waiver.because, range: waiver.range)
    }
    for entry in spec.tables?.except ?? [] {
      found.append(
        SpecException(
          subject: "\(slug).tables.\(entry.name.value)",
          sentence: "\(entry.name.value) is not compared.", because: entry.value,
          range: entry.name.range))
    }
    if let unlisted = spec.unlistedTables, unlisted.value == .ignore {
      found.append(
        SpecException(
          subject: "\(slug).coverage",
          sentence: "Tables the spec does not mention are not reported.", because: nil,
          range: unlisted.range))
    }
    found += defaultExceptions
    for subject in subjects { found += exceptions(subject) }
    found += dbtExceptions
    found += securityExceptions
    found += regressionExceptions
    found += performanceExceptions
    return found
  }

  /// What the defaults excuse for every table that does not say otherwise, said once.
  private var defaultExceptions: [SpecException] {
    guard let defaults = spec.defaults else { return [] }
    var found: [(String, SourceRange)] = []
    switch defaults.rowCount?.value {
    case .skip: found.append(("rows are not counted.", defaults.rowCount?.range ?? spec.range))
    case .withinRows, .withinPercent:
      found.append(("the row counts may be apart.", defaults.rowCount?.range ?? spec.range))
    default: break
    }
    if defaults.columns?.value == .skip {
      found.append(("columns are not compared.", defaults.columns?.range ?? spec.range))
    }
    switch defaults.constraints?.value {
    case .skip:
      found.append(("constraints are not looked at.", defaults.constraints?.range ?? spec.range))
    case .hold(let except, let because) where !except.isEmpty:
      let kinds = except.map(\.rawValue).joined(separator: ", ")
      found.append(
        ("not looked at: \(kinds) (\(because ?? "")).", defaults.constraints?.range ?? spec.range))
    default: break
    }
    if defaults.checksum?.value == .skip {
      found.append(("values are not compared.", defaults.checksum?.range ?? spec.range))
    }
    if defaults.severity == .warn { found.append(("failures only warn.", spec.range)) }
    return found.map { sentence, range in
      SpecException(
        subject: "\(slug).defaults", sentence: "every table, unless it says otherwise: \(sentence)",
        because: nil, range: range)
    }
  }

  private func exceptions(_ subject: TableSubject) -> [SpecException] {
    let expected = subject.expectations
    let reason = subject.spec.because
    var found: [(String, String, String?, SourceRange)] = []
    if let onlyIn = subject.spec.onlyIn {
      found.append(("", "is in the \(onlyIn.value.rawValue) only.", reason, onlyIn.range))
    }
    switch subject.spec.rowCount?.value {
    case .skip:
      found.append((".row_count", "rows are not counted.", reason, expected.rowCount.range))
    case .withinRows, .withinPercent:
      found.append(
        (".row_count", "the row counts may be apart.", reason, expected.rowCount.range))
    case .exactly(let source, let target) where source != target:
      found.append(
        (".row_count", "the row counts differ on purpose.", reason, expected.rowCount.range))
    default: break
    }
    if subject.spec.columns?.value == .skip {
      found.append((".columns", "columns are not compared.", reason, expected.columns.range))
    }
    for column in expected.columns.value.named { found += exceptions(column, reason) }
    switch subject.spec.constraints?.value {
    case .skip:
      found.append(
        (".constraints", "constraints are not looked at.", reason, expected.constraints.range))
    case .hold(let except, let because) where !except.isEmpty:
      let kinds = except.map(\.rawValue).joined(separator: ", ")
      found.append(
        (".constraints", "not looked at: \(kinds).", because ?? reason, expected.constraints.range))
    default: break
    }
    switch subject.spec.checksum?.value {
    case .skip:
      found.append((".checksum", "values are not compared.", reason, expected.checksum.range))
    case .only(let names):
      let list = names.map(\.value).joined(separator: ", ")
      found.append(
        (".checksum", "only these columns are compared: \(list).", reason, expected.checksum.range))
    case .except(let names, let because):
      let list = names.map(\.value).joined(separator: ", ")
      found.append(
        (".checksum", "values may differ in: \(list).", because ?? reason, expected.checksum.range))
    case .all, nil: break
    }
    if let filter = subject.spec.filter {
      found.append(
        ("", "only rows where \(filter.value.words) are compared.", reason, filter.range))
    }
    if let sample = subject.spec.sample {
      found.append(
        (
          ".checksum", "values are compared in a sample of \(sample.value) % of the rows only.",
          reason, sample.range
        ))
    }
    if let window = subject.spec.window {
      found.append(
        (
          ".checksum",
          "rows changed in the last \(window.value.lag.words) (\(window.value.column)) are not judged.",
          reason, window.range
        ))
    }
    if subject.spec.severity == .warn {
      found.append(("", "failures only warn.", reason, subject.range))
    }
    return found.map { suffix, sentence, because, range in
      SpecException(
        subject: "\(slug).tables.\(subject.object)\(suffix)",
        sentence: "\(subject.title): \(sentence)", because: because, range: range)
    }
  }

  private func exceptions(
    _ column: ColumnSpec, _ reason: String?
  ) -> [(String, String, String?, SourceRange)] {
    let name = column.name.value
    let because = column.because ?? reason
    var found: [(String, String, String?, SourceRange)] = []
    if let onlyIn = column.onlyIn {
      found.append(
        (
          ".columns.\(name)", "\(name) is in the \(onlyIn.value.rawValue) only.", because,
          onlyIn.range
        ))
    }
    if let type = column.type, column.because != nil, column.onlyIn == nil {
      found.append(
        (
          ".columns.\(name)", "\(name) may be \(type.value), whatever it cannot hold.", because,
          type.range
        ))
    }
    if let words = column.options.words, let option = column.options.written.first {
      let reasons =
        [because].compactMap(\.self) + (column.options.accept?.value ?? []).map(\.because)
      found.append(
        (
          ".columns.\(name)", "\(name) is compared \(words).",
          reasons.isEmpty ? nil : reasons.joined(separator: "; "), option.range
        ))
    }
    if column.notNull?.value == false {
      found.append(
        (".columns.\(name)", "\(name) may be NULL in the target.", because, column.name.range))
    }
    if column.severity == .warn {
      found.append(
        (".columns.\(name)", "failures of \(name) only warn.", because, column.name.range))
    }
    return found
  }
}
