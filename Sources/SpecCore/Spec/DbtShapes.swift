import Diagnostics
import YAMLSource

extension SpecShapes {
  /// The section `dbt`.
  static var dbt: Shape<DbtSpec> {
    .object(
      "dbt", DbtSpec.init(range:),
      fields: [
        Field(
          "project", \.project, Shape<String>.text.located,
          "The project's folder, from the spec's: target/manifest.json and target/run_results.json "
            + "are read there."),
        Field(
          "artifacts", \.artifacts, Shape<String>.text.located,
          "The folder of manifest.json, where it is not the project's target."),
        Field(
          "select", \.select, selections,
          "Which models, in dbt's own words: tag:migrated, path:models/marts, +name, a,b or a list. "
            + "Default: all of the project."),
        Field("exclude", \.exclude, selections, "Which of them are left out, in the same words."),
        Field(
          "tests", \.tests, tests.located,
          "pass: every test of dbt on these models was run, after the last load, and passed; "
            + "{newer_than: 24h} sets how old they may be."),
        Field(
          "untested", \.untested, Shape<DbtUntested>.choice.located,
          "What a model without a test is: warn (default), fail or ignore."),
        Field(
          "injection", \.injection, Shape<String>.word("none").located,
          "none: no model builds SQL out of unquoted variables, by the rules of `parity lint`."),
        Field(
          "views", \.views, .map(of: view, empty: { DbtViewSpec(range: $0.range) }),
          "Models whose rows must equal those of a view or query of Postgres, by their names."),
      ], check: checkDbt)
  }

  private static func checkDbt(
    _ spec: DbtSpec, _ node: Node, _ diagnostics: inout [Diagnostic]
  ) {
    if spec.project == nil, spec.artifacts == nil {
      let needing = [
        ("select", spec.select?.first?.range), ("tests", spec.tests?.range),
        ("injection", spec.injection?.range),
      ]
      for (name, range) in needing {
        if let range { diagnostics.append(Diagnostic(.noProject(name), at: range)) }
      }
      for entry in spec.views ?? [] where entry.value.target == nil {
        diagnostics.append(Diagnostic(.noProject(entry.name.value), at: entry.name.range))
      }
    }
    if spec.injection != nil, spec.project == nil, spec.artifacts != nil {
      diagnostics.append(
        Diagnostic(.noProject("injection"), at: spec.injection?.range ?? node.range))
    }
    if spec.tests == nil, let untested = spec.untested {
      diagnostics.append(Diagnostic(.untestedAlone, at: untested.range))
    }
    if spec.tests == nil, spec.views == nil, spec.injection == nil, spec.select == nil,
      spec.project == nil
    {
      diagnostics.append(Diagnostic(.nothingOfDbt, at: node.range.opening))
    }
  }

  /// `tag:migrated`, or a list of such words.
  private static var selections: Shape<[Located<String>]> {
    let one = Shape<String>(schema: ["type": "string", "minLength": 1]) { node, diagnostics in
      guard let text = Shape<String>.text.read(node, &diagnostics) else { return nil }
      do throws(DbtSelection.Mistake) {
        _ = try DbtSelection(text)
      } catch {
        diagnostics.append(Diagnostic(.selection(error), at: node.range))
        return nil
      }
      return text
    }
    return .either(
      "dbt's selection words, or a list of them",
      [
        .list(.list(of: one)),
        .scalar(one.map { text, node, _ in [Located(text, at: node.range)] }),
      ])
  }

  private static var tests: Shape<DbtTestsSpec> {
    .either(
      "`pass`, or {newer_than: 24h}",
      [
        .mapping(
          .object(
            "tests", { _ in DbtTestsSpec() },
            fields: [
              Field(
                "newer_than", \.newerThan, duration, required: true,
                "How old dbt's results may be, such as 24h.")
            ])),
        .scalar(Shape<String>.word("pass").map { _, _, _ in DbtTestsSpec() }),
      ])
  }

  // MARK: Views

  private static var view: Shape<DbtViewSpec> {
    .object(
      "a view", DbtViewSpec.init(range:),
      fields: [
        Field(
          "target", \.target, qualifiedName,
          "Where the view is, when no manifest tells: SHOP.ANALYTICS.CUSTOMER_LTV."),
        Field(
          "key", \.key, nameOrNames,
          "The column or columns that identify a row; without, rows are compared as a set."),
        Field(
          "equals", \.equals, original.located,
          "What it must equal in Postgres: {source_view:}, {source_query:} or {source_file:}. "
            + "Default: the view that the model's meta.replaces names."),
        Field(
          "tolerance", \.tolerance, .map(of: tolerance.located),
          "How far numbers and times may be apart, by column: { revenue: 0.01 }."),
        Field(
          "columns", \.columns, viewColumns,
          "How single columns are compared, as for tables: renamed_from, only_in, compare, accept."),
        Field(
          "where", \.filter, filter.located,
          "Compare only these rows: one condition for both sides, or {source: ..., target: ...}."),
        Field(
          "sensitive", \.sensitive, names,
          "Columns whose values are never shown, logged or written anywhere."),
        Field("row_count", \.rowCount, rowCount.located, rowCountMeaning),
        Field(
          "session_zone", \.sessionZone, Shape<DbtZoneRule>.choice.located,
          "independent (default): the view gives the same in sessions of any time zone; or skip."),
        Field("severity", \.severity, .choice, severityMeaning),
        Field("tags", \.tags, names, "Words to select by: --select tag:pii."),
        Field("because", \.because, reason, becauseMeaning),
      ], atLeastOne: false, check: checkView)
  }

  private static func checkView(
    _ view: DbtViewSpec, _ node: Node, _ diagnostics: inout [Diagnostic]
  ) {
    for entry in view.tolerance ?? [] {
      let name = entry.name.value.lowercased()
      if let column = view.columns?.first(where: { $0.name.value.lowercased() == name }),
        let other = column.options.tolerance
      {
        diagnostics.append(
          Diagnostic(
            .toleratedTwice, at: entry.name.range,
            related: [Diagnostic.Related(range: other.range, text: "and here")]))
      }
    }
    if view.rowCount?.value == .skip, view.because == nil {
      diagnostics.append(Diagnostic(.uncounted, at: view.rowCount?.range ?? node.range))
    }
  }

  private static var viewColumns: Shape<[ColumnSpec]> {
    Shape<[MapEntry<ColumnFields>]>.map(of: ColumnFields.compared).map { entries, _, _ in
      entries.map { $0.value.column(named: $0.name) }
    }
  }

  private struct OriginalFields: Sendable {
    var view: Located<QualifiedName>?
    var query: Located<String>?
    var file: Located<String>?
  }

  private static var original: Shape<DbtOriginal> {
    Shape<OriginalFields>.object(
      "what it equals", { _ in OriginalFields() },
      fields: [
        Field("source_view", \.view, qualifiedName, "A view or table of Postgres."),
        Field(
          "source_query", \.query, query.located,
          "A query for Postgres; names without schema lead to the source's."),
        Field(
          "source_file", \.file, Shape<String>.text.located,
          "A file with one query for Postgres, from the spec's folder."),
      ]
    ).map { fields, node, diagnostics in
      let given = [fields.view?.range, fields.query?.range, fields.file?.range].compactMap(\.self)
      if given.count > 1 {
        diagnostics.append(Diagnostic(.severalOriginals, at: given.last ?? node.range))
        return nil
      }
      // With none of them, why was told where it stands.
      if let view = fields.view { return .view(view.value) }
      if let query = fields.query { return .query(query.value) }
      return fields.file.map { .file(plainPath($0.value)) }
    }
  }

  /// The path as ``Files`` tells it.
  private static func plainPath(_ path: String) -> String {
    let parts = path.split(separator: "/").filter { $0 != "." }
    return (path.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
  }
}

extension ColumnFields {
  /// How one column of a view is compared.
  static var compared: Shape<ColumnFields> {
    .object(
      "a column of a view", { _ in ColumnFields() },
      fields: [
        Field(
          "renamed_from", \.renamedFrom, Shape<String>.text.located,
          "The column's name in Postgres; the name above is the target's."),
        Field(
          "only_in", \.onlyIn, Shape<Side>.choice.located,
          "The column is on one side only, on purpose; say why with `because`."),
      ] + SpecShapes.comparisonFields + [
        Field("because", \.because, SpecShapes.reason, SpecShapes.becauseMeaning)
      ], check: check)
  }
}

extension Diagnostic.Message {
  fileprivate static func noProject(_ name: String) -> Self {
    Self(
      "E0108", "`\(name)` needs dbt's manifest", label: "nothing says where it is",
      notes: ["add `project:` with the folder of dbt_project.yml"])
  }

  fileprivate static let untestedAlone = Self(
    "E0111", "`untested` is part of what `tests` looks at", label: "add `tests: pass`")

  fileprivate static let nothingOfDbt = Self(
    "E0108", "nothing of dbt is looked at", label: "add `tests: pass` or `views:`")

  fileprivate static let toleratedTwice = Self(
    "E0111", "the column has a tolerance twice", label: "take one out")

  fileprivate static let uncounted = Self(
    "E0110", "rows that are not counted need a reason", label: "add `because:` to the view")

  fileprivate static let severalOriginals = Self(
    "E0111", "a view equals one thing", label: "write one of source_view, source_query, source_file"
  )

  fileprivate static func selection(_ mistake: DbtSelection.Mistake) -> Self {
    Self(
      "E0115", mistake.reason, label: mistake.hint ?? "not understood",
      notes: ["methods: \(DbtSelection.methods.joined(separator: ", "))"])
  }
}
