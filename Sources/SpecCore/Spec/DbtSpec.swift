package import Diagnostics

/// That the models of a dbt project are tested, and give what the views gave that they replace.
package struct DbtSpec: Sendable {
  /// The project's folder, from the spec's.
  package var project: Located<String>?
  /// Where dbt wrote its results, where not in the project's `target`.
  package var artifacts: Located<String>?
  /// Which models are meant, in dbt's words; all of the project where nothing is said.
  package var select: [Located<String>]?
  package var exclude: [Located<String>]?
  package var tests: Located<DbtTestsSpec>?
  /// What a selected model without a test is; a warning where nothing is said.
  package var untested: Located<DbtUntested>?
  /// Set where no model may build SQL out of unquoted variables.
  package var injection: Located<String>?
  package var views: [MapEntry<DbtViewSpec>]?
  package let range: SourceRange

  package init(range: SourceRange) { self.range = range }

  /// Whether the spec says where a project is.
  var hasProject: Bool { project != nil || artifacts != nil }

  /// The folder of `manifest.json`, as paths are written.
  package var artifactsFolder: String {
    let written = artifacts?.value ?? project.map { "\($0.value)/target" } ?? "target"
    let parts = written.split(separator: "/").filter { $0 != "." }
    return (written.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
  }

  /// The files of queries that views name, as paths are written.
  var queryFiles: [String] {
    let named = (views ?? []).compactMap { entry -> String? in
      if case .file(let path) = entry.value.equals?.value { path } else { nil }
    }
    return Set(named).sorted()
  }

  /// What has to be read before anything can be planned.
  package var files: FileRequest {
    // Without a project there is none to be read, whatever else lies in the spec's folder.
    let names = hasProject ? ["manifest.json", "run_results.json", "catalog.json"] : []
    return FileRequest(names.map { "\(artifactsFolder)/\($0)" } + queryFiles)
  }

  /// The selection of all entries together; `nil` where nothing is said.
  static func selection(_ entries: [Located<String>]?) -> DbtSelection? {
    // Each was read once when the spec was.
    entries.map { DbtSelection.united($0.compactMap { try? DbtSelection($0.value) }) }
  }
}

/// What dbt's own tests must have come to.
package struct DbtTestsSpec: Hashable, Sendable {
  /// They must not be older.
  package var newerThan: TimeSpan?

  package init(newerThan: TimeSpan? = nil) { self.newerThan = newerThan }
}

/// What to say of a model without a test.
package enum DbtUntested: String, Hashable, Sendable, CaseIterable {
  case warn, fail, ignore
}

/// A model and what its rows must equal.
package struct DbtViewSpec: Sendable {
  /// Where it is, for models that no manifest tells of.
  package var target: Located<QualifiedName>?
  package var key: [Located<String>]?
  package var equals: Located<DbtOriginal>?
  package var tolerance: [MapEntry<Located<Tolerance>>]?
  /// More of single columns, as for tables.
  package var columns: [ColumnSpec]?
  package var filter: Located<RowFilter>?
  package var sensitive: [Located<String>]?
  package var rowCount: Located<RowCountExpectation>?
  package var sessionZone: Located<DbtZoneRule>?
  package var severity: CaseSeverity?
  package var tags: [Located<String>]?
  package var because: String?
  package let range: SourceRange

  package init(range: SourceRange) { self.range = range }
}

/// Whether a view may depend on the time zone of whoever reads it.
package enum DbtZoneRule: String, Hashable, Sendable, CaseIterable {
  case independent, skip
}

/// What a model stands for in Postgres.
package enum DbtOriginal: Hashable, Sendable {
  /// A view or table.
  case view(QualifiedName)
  /// A query in the spec itself.
  case query(String)
  /// The path of a file with a query, from the spec's folder.
  case file(String)
}
