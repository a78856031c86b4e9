package import Injection

/// What the lint for injection is to read.
package struct InjectionRequest: Hashable, Sendable {
  /// Files, folders and patterns.
  package let paths: [String]
  /// Whether SQL that dbt has made of templates is read too, where a project has any.
  package let includesCompiled: Bool
  /// The database whose rules of quoting hold; `nil` to tell by the quotes.
  package let dialect: LintFile.Dialect?

  package init(
    _ paths: [String], includesCompiled: Bool = false, dialect: LintFile.Dialect? = nil
  ) {
    self.paths = paths
    self.includesCompiled = includesCompiled
    self.dialect = dialect
  }

  /// Endings of files that are SQL as a database runs it, or templates.
  static let sql = [".sql", ".ddl", ".psql", ".pgsql"]

  /// The files to be read.
  package var files: FileRequest {
    let project = "dbt_project.yml"
    let made = ["dbt_packages", "dbt_modules"] + (includesCompiled ? [] : ["target"])
    return FileRequest(
      paths, endings: Self.sql + [".yml", ".yaml", ".py", "manifest.json"],
      skipped: made.map { FileRequest.SkippedFolder($0, beside: project) })
  }
}

/// What became of the files that a request names: everything the lint saw in them, and what could
/// not be looked at.
package struct InjectionReading: Hashable, Sendable {
  /// What was found.
  package let report: LintReport
  /// What was read, for whoever shows lines of it.
  package let files: [LintFile]
  /// What could not be looked at besides files that the lint could not read to their end.
  package private(set) var problems: [Problem] = []
  /// Folders that were left out because dbt or its package manager made them.
  package let skipped: [String]

  /// Something that could not be looked at.
  package struct Problem: Hashable, Sendable {
    /// The file or folder, or what the request calls it.
    package let path: String
    package let unchecked: Verdict.Unchecked
  }

  /// Sorts files by what they are, and reads them.
  package init(of found: FoundFiles, _ request: InjectionRequest) {
    var sources = InjectionSources(found, request)
    sources.sort()
    files = sources.files
    report = InjectionLint(files: sources.files).findings()
    skipped = (found.skipped + sources.left.sorted()).uniqued
    problems = sources.problems
    if files.isEmpty, problems.isEmpty {
      problems = [Self.nothing(request.paths.joined(separator: ", "))]
    }
  }

  /// `3 templates, 2 SQL files`.
  package var counts: String {
    let kinds = files.map(\.kind)
    func count(_ isWanted: (LintFile.Kind) -> Bool) -> Int { kinds.count(where: isWanted) }
    let parts = [
      (count { $0 == .dbt || $0 == .hook }, "template", "templates"),
      (count { $0 == .sql }, "SQL file", "SQL files"),
      (count { $0 == .compiled }, "compiled file", "compiled files"),
      (
        count { if case .properties = $0 { true } else { false } }, "file of properties",
        "files of properties"
      ),
      (count { $0 == .python }, "Python model", "Python models"),
    ]
    let words = parts.filter { $0.0 > 0 }.map { counted($0.0, $0.1, $0.2) }
    return words.isEmpty ? "no file" : words.joined(separator: ", ")
  }

  static func nothing(_ path: String) -> Problem {
    let unchecked = Verdict.Unchecked(
      type: "missing_file",
      reason: "there is nothing to read in \(path): no such file or folder, or no SQL and no "
        + "template in it",
      remedy:
        "name a dbt project, or files ending in \(InjectionRequest.sql.joined(separator: ", "))"
    )
    return Problem(path: path, unchecked: unchecked)
  }
}
