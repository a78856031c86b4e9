import Diagnostics
import Injection
import YAMLSource

/// Files on their way to the lint.
struct InjectionSources {
  private let found: FoundFiles
  private let request: InjectionRequest
  /// Paths of the request as files are called.
  private let named: Set<String>
  private var projects: [DbtProject] = []
  private(set) var files: [LintFile] = []
  private(set) var problems: [InjectionReading.Problem] = []
  /// Folders of dbt's own that nobody asked for.
  private(set) var left: Set<String> = []

  init(_ found: FoundFiles, _ request: InjectionRequest) {
    self.found = found
    self.request = request
    named = Set(request.paths.map(Self.plain))
  }

  /// The path as files below it are called: without `.` and a last `/`.
  private static func plain(_ path: String) -> String {
    (path.hasPrefix("/") ? "/" : "")
      + path.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
  }

  mutating func sort() {
    for file in found.files where Self.name(file.path) == "dbt_project.yml" { addProject(file) }
    for file in found.files { sort(file) }
    for path in named.sorted() where !path.contains(where: { "*?".contains($0) }) {
      let isThere = files.contains { Self.holds(path, $0.path) }
      let isTold =
        found.missing.contains { Self.plain($0) == path }
        || unread.contains { Self.holds(path, $0) }
      if !isThere, !isTold { problems.append(InjectionReading.nothing(path.isEmpty ? "." : path)) }
    }
    problems += found.missing.map { InjectionReading.nothing($0) }
  }

  /// What a file is to the lint.
  private enum Role {
    case file(LintFile.Kind)
    /// SQL or a template, as its text tells.
    case sql
    /// Perhaps a manifest of dbt.
    case manifest
    /// Made by dbt, in this folder.
    case left(String)
    /// Of no concern, unless it cannot be read, as a folder that cannot be listed.
    case other
    case ignored
  }

  private mutating func sort(_ file: FoundFile) {
    let path = file.path
    let isNamed =
      named.contains(path) || !named.contains { !$0.contains("*") && Self.holds($0, path) }
    let role = role(path, isNamed: isNamed)
    switch role {
    case .ignored: return
    case .other:
      if file.bytes == nil { _ = text(of: file) }
    case .left(let folder): left.insert(folder)
    case .file(let kind):
      guard let text = text(of: file) else { return }
      take(path, text, kind)
    case .sql:
      guard let text = text(of: file) else { return }
      take(path, text, JinjaMark.occurs(in: text) ? .dbt : .sql)
    case .manifest:
      guard let text = text(of: file) else { return }
      takeManifest(path, text, isNamed: isNamed)
    }
  }

  /// The text of a file; where there is none, that is told.
  private mutating func text(of file: FoundFile) -> String? {
    let reason: String
    switch file.content {
    case .unreadable(let why): reason = why
    case .ends: reason = "only its ends were read"
    case .bytes(let bytes):
      if bytes.contains(0) {
        reason = "it holds bytes of zero: it is no text, or not UTF-8"
      } else if let text = String(validating: bytes, as: UTF8.self) {
        return text
      } else {
        reason = "it is not UTF-8: save it again as UTF-8"
      }
    }
    tell(file.path, "\(file.path) could not be read: \(reason)")
    return nil
  }

  /// Paths of files that nobody could read.
  private var unread: Set<String> = []

  private mutating func tell(_ path: String, _ reason: String) {
    unread.insert(path)
    let unchecked = Verdict.Unchecked(type: "unreadable_file", reason: reason)
    problems.append(InjectionReading.Problem(path: path, unchecked: unchecked))
  }

  /// The last part of a path.
  private static func name(_ path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }

  /// Whether a path is a file or a folder that the other is in.
  private static func holds(_ folder: String, _ path: String) -> Bool {
    folder.isEmpty || path == folder || path.hasPrefix(folder == "/" ? "/" : "\(folder)/")
  }

  // MARK: Projects

  private mutating func addProject(_ file: FoundFile) {
    let path = file.path
    let root = String(path.dropLast("dbt_project.yml".count + (path.contains("/") ? 1 : 0)))
    // The lint says what is wrong with the file; until then dbt's usual folders are taken.
    var node = Node(
      content: .scalar(text: "", isPlain: true), range: SourceRange.none(file: path))
    if let bytes = file.bytes, let text = String(validating: bytes, as: UTF8.self) {
      do throws(DiagnosticsError) {
        node = try YAMLParser.parseForeign(SourceFile(name: path, text: text))
      } catch {
        // As above.
      }
    }
    let project = DbtProject(root: root, node)
    projects.append(project)
    for unknown in project.unknown { tell(unknown.place, unknown.reason) }
    for (folder, place) in project.outside
    where !found.files.contains(where: { Self.holds(folder, $0.path) }) {
      tell(place, "the folder \(folder) of this project was not read: name it too")
    }
    projects.sort { $0.root.utf8.count > $1.root.utf8.count }
  }

  private mutating func tell(_ place: SourceRange, _ reason: String) {
    tell(place.file, "\(place.file):\(place.start.line):\(place.start.column): \(reason)")
  }

  // MARK: Files

  private func role(_ path: String, isNamed: Bool) -> Role {
    let name = Self.name(path).lowercased()
    for project in projects {
      guard let inner = project.inner(path) else { continue }
      switch project.part(of: inner) {
      case .template: return .file(.dbt)
      case .python: return .file(.python)
      case .project: return .file(.properties(isProject: true))
      case .properties: return .file(.properties(isProject: false))
      case .compiled:
        let isAsked =
          request.includesCompiled || named.contains { Self.holds(project.targetFolder, $0) }
        return isAsked ? .file(.compiled) : .left(project.targetFolder)
      case .madeByDbt where !isNamed:
        return .left(Self.folder(of: inner, below: project.root))
      case .madeByDbt, .other: break
      }
      break
    }
    return role(name, path, isNamed: isNamed)
  }

  /// The first folder below a project's root.
  private static func folder(of inner: String, below root: String) -> String {
    let first = inner.split(separator: "/").first.map(String.init) ?? inner
    return root.isEmpty ? first : "\(root)/\(first)"
  }

  /// What a file is that no project speaks of.
  private func role(_ name: String, _ path: String, isNamed: Bool) -> Role {
    if name.hasSuffix(".json") { return isNamed || name == "manifest.json" ? .manifest : .ignored }
    if name.hasSuffix(".yml") || name.hasSuffix(".yaml") {
      return isNamed ? .file(.properties(isProject: name == "dbt_project.yml")) : .ignored
    }
    if name.hasSuffix(".py") { return isNamed ? .file(.python) : .ignored }
    guard isNamed || InjectionRequest.sql.contains(where: { name.hasSuffix($0) }) else {
      return .other
    }
    let isMade = path.contains("target/compiled/") || path.contains("target/run/")
    return isMade ? .file(.compiled) : .sql
  }

  private mutating func take(_ path: String, _ text: String, _ kind: LintFile.Kind) {
    files.append(LintFile(path: path, text: text, kind: kind, dialect: request.dialect))
  }

  private mutating func takeManifest(_ path: String, _ text: String, isNamed: Bool) {
    let manifest: DbtManifest
    do throws(DbtManifest.Mistake) {
      manifest = try DbtManifest(text)
    } catch {
      // Many programs call a file manifest.json.
      if isNamed || text.contains("dbt_schema_version") {
        tell(path, "\(path) could not be read: \(error.reason)")
      }
      return
    }
    let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    let root = (parts.last == "target" ? parts.dropLast() : parts).joined(separator: "/")
    let known = Set(found.files.map(\.path))
    files += manifest.files(
      below: root, dialect: request.dialect, includesCompiled: request.includesCompiled
    ) { known.contains($0) }
  }
}
