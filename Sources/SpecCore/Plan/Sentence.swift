/// What each check expects, for readers who know neither YAML nor SQL.
enum Sentence {
  static func exists(_ subject: TableSubject) -> String {
    switch subject.spec.onlyIn?.value {
    case .source: "\(subject.title) is in Postgres and was left behind on purpose."
    case .target: "\(subject.title) is new in \(subject.targetTitle) on purpose."
    case nil:
      subject.spec.target.map {
        "\(subject.title) is there in Postgres, and in \(subject.targetTitle) as \($0.value)."
      } ?? "\(subject.title) is there in Postgres and in \(subject.targetTitle)."
    }
  }

  static func rowCount(_ subject: TableSubject) -> String {
    let name = subject.title
    let rows = condition(subject).map { " (rows where \($0))" } ?? ""
    switch subject.expectations.rowCount.value {
    case .equal, .skip:
      return "\(name): \(subject.targetTitle) holds as many rows as Postgres\(rows)."
    case .exactly(let source, let target) where source == target:
      return "\(name) holds exactly \(counted(source, "row")) on both sides\(rows)."
    case .exactly(let source, let target):
      return
        "\(name) holds \(counted(source, "row")) in Postgres and \(grouped(target)) in \(subject.targetTitle)\(rows)."
    case .withinRows(let count):
      return "\(name): the row counts are at most \(counted(count, "row")) apart\(rows)."
    case .withinPercent(let percent):
      return "\(name): the row counts are at most \(text(percent)) % apart\(rows)."
    }
  }

  private static func text(_ percent: RowCountExpectation.Decimal) -> String {
    let digits = String(percent.digits)
    guard percent.scale > 0 else { return digits }
    let padded = String(repeating: "0", count: max(0, percent.scale + 1 - digits.count)) + digits
    return "\(padded.dropLast(percent.scale)).\(padded.suffix(percent.scale))"
  }

  private static func condition(_ subject: TableSubject) -> String? {
    subject.spec.filter?.value.words
  }

  static func columns(_ subject: TableSubject) -> String {
    let order = subject.expectations.columnOrder.value == .same ? ", in the same order" : ""
    return
      "\(subject.title) has the same columns\(order), with types that can hold every value, "
      + "and NOT NULL is kept.\(renames(subject))"
  }

  private static func renames(_ subject: TableSubject) -> String {
    let parts = subject.expectations.columns.value.named.compactMap { column in
      column.renamedFrom.map { "\($0.value) is called \(column.name.value) there" }
    }
    return parts.isEmpty ? "" : " " + parts.joined(separator: ", ") + "."
  }

  static func constraints(_ subject: TableSubject) -> String {
    var except = ""
    if case .hold(let kinds, _) = subject.expectations.constraints.value, !kinds.isEmpty {
      except = " Not looked at: \(kinds.map(\.rawValue).joined(separator: ", "))."
    }
    return
      "\(subject.title): keys, references, rules and defaults of Postgres are there in \(subject.targetTitle) "
      + "and hold on its rows.\(except)"
  }

  static func checksum(_ subject: TableSubject) -> String {
    let key = subject.spec.key.map { " by \($0.map(\.value).joined(separator: ", "))" } ?? ""
    var rows = condition(subject).map { " (rows where \($0))" } ?? ""
    if let sample = subject.spec.sample { rows += " in a SAMPLE of \(sample.value) % of the rows" }
    if let window = subject.spec.window {
      rows += ", but for rows changed in the last \(window.value.lag.words)"
    }
    let loose = subject.expectations.columns.value.named.compactMap { column in
      column.options.words.map { "\(column.name.value) \($0)" }
    }
    if !loose.isEmpty { rows += "; \(loose.joined(separator: "; "))" }
    switch subject.expectations.checksum.value {
    case .all, .skip:
      return "\(subject.title): every value of every row is the same, row by row\(key)\(rows)."
    case .only(let names):
      let list = names.map(\.value).joined(separator: ", ")
      return "\(subject.title): every value of \(list) is the same, row by row\(key)\(rows)."
    case .except(let names, _):
      let list = names.map(\.value).joined(separator: ", ")
      return "\(subject.title): every value except \(list) is the same, row by row\(key)\(rows)."
    }
  }
}
