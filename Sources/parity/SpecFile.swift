import Cryptography
import Diagnostics
import Foundation
import SpecCore
import YAMLSource

/// A spec that was found, read and understood.
struct SpecFile {
  /// As the user may open it from here.
  let path: String
  let source: SourceFile
  /// As they were read.
  let bytes: [UInt8]
  let spec: Spec
  let identity: SpecIdentity

  /// The longest file that is read at all; the language's own limit is the same.
  static let limit = 1_048_576

  /// Reads one file, or says everything that is wrong with it.
  static func read(_ path: String) -> Result<SpecFile, SpecFailure> {
    let name = path == "-" ? "stdin" : relativePath(path)
    let bytes: [UInt8]
    do throws(DiskError) {
      bytes = try Disk.read(path, limit: limit)
    } catch {
      let diagnostic = Diagnostic(
        Diagnostic.Message("E0001", error.message), at: .none(file: name))
      return .failure(SpecFailure(path: path, source: nil, diagnostics: [diagnostic]))
    }
    var source: SourceFile?
    do throws(DiagnosticsError) {
      let file = try YAMLParser.source(name: name, bytes: bytes)
      source = file
      let slug = slug(of: name)
      let spec = try SpecReader.read(file, slug: slug)
      let identity = SpecIdentity(
        path: name, name: spec.name?.value ?? slug, slug: slug,
        sha256: SHA256Digest(of: bytes).hex, owner: spec.owner, description: spec.description)
      return .success(
        SpecFile(path: path, source: file, bytes: bytes, spec: spec, identity: identity))
    } catch {
      return .failure(SpecFailure(path: path, source: source, diagnostics: error.diagnostics))
    }
  }

  /// Plans for these sides, with the files that the plan needs.
  ///
  /// Reversed, it plans only for what a rollback would lose.
  func planner(
    _ source: PostgresConnection, _ target: TargetConnection, reversed: Bool = false,
    reading files: (any Files)? = nil
  ) async -> Planner {
    let planner = Planner(spec: spec, slug: identity.slug, source: source, target: target)
    if reversed { return planner.reversed() }
    guard let request = planner.neededFiles else { return planner }
    let found = await (files ?? DiskFiles(besides: path)).read(request)
    return Planner(
      spec: spec, slug: identity.slug, source: source, target: target, files: found)
  }

  /// The base name without its ending, without dots and blanks; `parity.yml` is named by its folder.
  private static func slug(of name: String) -> String {
    let path = name as NSString
    var base = (path.lastPathComponent as NSString).deletingPathExtension
    let folder = (Disk.folder(of: name) as NSString).lastPathComponent
    if base == "parity", !folder.isEmpty { base = folder }
    let slug = String(base.map { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" ? $0 : "_" })
    return slug.isEmpty ? "spec" : slug
  }

  /// The path from the repository's root where there is one, else from here; never with `..`.
  private static func relativePath(_ path: String) -> String {
    let file = URL(fileURLWithPath: path).standardizedFileURL.path
    let here = FileManager.default.currentDirectoryPath
    for root in [repositoryRoot(from: (file as NSString).deletingLastPathComponent), here] {
      if let root, file.hasPrefix(root == "/" ? root : root + "/") {
        return String(file.dropFirst(root == "/" ? 1 : root.count + 1))
      }
    }
    return (file as NSString).lastPathComponent
  }

  static func repositoryRoot(from folder: String) -> String? {
    var folder = folder
    while true {
      if FileManager.default.fileExists(atPath: folder + "/.git") { return folder }
      let parent = (folder as NSString).deletingLastPathComponent
      if parent == folder || parent.isEmpty { return nil }
      folder = parent
    }
  }

  /// `parity.yml`, then `specs/*.yml`, from here up to the repository's root.
  static func discover() -> [String] {
    let manager = FileManager.default
    let root = repositoryRoot(from: manager.currentDirectoryPath)
    var folder = manager.currentDirectoryPath
    while true {
      for name in ["parity.yml", "parity.yaml"]
      where manager.fileExists(atPath: "\(folder)/\(name)") {
        return ["\(folder)/\(name)"]
      }
      let names = (try? manager.contentsOfDirectory(atPath: "\(folder)/specs")) ?? []
      let specs = names.filter { $0.hasSuffix(".yml") || $0.hasSuffix(".yaml") }.sorted()
      if !specs.isEmpty { return specs.map { "\(folder)/specs/\($0)" } }
      let parent = (folder as NSString).deletingLastPathComponent
      if root == nil || folder == root || parent == folder { return [] }
      folder = parent
    }
  }
}

/// A spec that cannot be used, with every mistake in it.
struct SpecFailure: Error {
  let path: String
  let source: SourceFile?
  let diagnostics: [Diagnostic]

  /// Bytes that may be a secret in the wrong place: what was written for a connection's name, and
  /// whatever stands behind an unknown field of a connection.
  var secrets: [Range<Int>] {
    guard let source else { return [] }
    return diagnostics.compactMap { diagnostic in
      let message = diagnostic.message
      let range = diagnostic.range.start.offset..<diagnostic.range.end.offset
      if message.code == "E0105" || message.text.contains("environment variable")
        || message.text.contains("name of a connection")
        || message.text.hasSuffix("fields of a Postgres connection")
        || message.text.hasSuffix("fields of a Snowflake connection")
        || message.text.hasSuffix("fields of a target")
      {
        return range
      }
      let isConnection = message.notes.contains {
        $0.hasPrefix("fields of a Postgres connection")
          || $0.hasPrefix("fields of a Snowflake connection")
          || $0.hasPrefix("fields of a target:")
      }
      guard isConnection, message.code == "E0107",
        let line = source.offsets(ofLine: diagnostic.range.start.line)
      else { return nil }
      return range.upperBound..<max(range.upperBound, line.upperBound)
    }
  }
}
