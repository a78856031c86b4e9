/// What dbt wrote of a project, as far as it is there and can be read.
package struct DbtArtifacts: Equatable, Sendable {
  package let manifest: Part<DbtGraph>
  package let results: Part<DbtRunResults>
  package let catalog: Part<DbtCatalog>
  /// Texts of `.sql` files that the spec names, by their paths.
  package let queries: [String: Part<String>]

  /// One file and what is in it.
  package enum Part<Content: Equatable & Sendable>: Equatable, Sendable {
    case found(Content, path: String)
    /// There is no such file.
    case missing(path: String)
    /// It cannot be used; why, in lower case.
    case unusable(reason: String, path: String)

    package var content: Content? { if case .found(let content, _) = self { content } else { nil } }

    /// Why there is no content, for a report; `nil` where there is.
    package var problem: Verdict.Unchecked? {
      switch self {
      case .found: nil
      case .missing(let path):
        Verdict.Unchecked(
          type: "missing_file", reason: "there is no file \(path)",
          remedy: "run dbt before Parity, and say with `artifacts:` where its target folder is")
      case .unusable(let reason, let path):
        Verdict.Unchecked(
          type: "unreadable_file", reason: "\(path) cannot be used: \(reason)",
          remedy: "let dbt write it again")
      }
    }
  }

  /// Reads what was found of the request of ``DbtSpec/files``.
  package init(_ found: FoundFiles, of spec: DbtSpec) {
    func part<Content>(
      _ path: String, _ read: (String) throws(DbtGraph.Mistake) -> Content
    ) -> Part<Content> {
      guard let file = found.files.first(where: { $0.path == path }) else {
        return .missing(path: path)
      }
      switch file.content {
      case .unreadable(let reason): return .unusable(reason: reason, path: path)
      case .ends: return .unusable(reason: "only its ends were read", path: path)
      case .bytes(let bytes):
        guard let text = String(validating: bytes, as: UTF8.self) else {
          return .unusable(reason: "it is not UTF-8", path: path)
        }
        do throws(DbtGraph.Mistake) {
          return .found(try read(text), path: path)
        } catch {
          return .unusable(reason: error.reason, path: path)
        }
      }
    }
    let folder = spec.artifactsFolder
    manifest = part(folder + "/manifest.json") { text throws(DbtGraph.Mistake) in
      try DbtGraph(text)
    }
    results = part(folder + "/run_results.json") { text throws(DbtGraph.Mistake) in
      try DbtRunResults(text)
    }
    catalog = part(folder + "/catalog.json") { text throws(DbtGraph.Mistake) in
      try DbtCatalog(text)
    }
    var queries: [String: Part<String>] = [:]
    for path in spec.queryFiles {
      queries[path] = part(path) { text throws(DbtGraph.Mistake) in
        switch ReadOnlySQL.read(text) {
        case .success(let query): return query.text
        case .failure(let problem): throw DbtGraph.Mistake(reason: problem.words)
        }
      }
    }
    self.queries = queries
  }
}
