import Foundation

/// A folder of its own for one test, removed with the value; the program sees nothing of the user.
final class Sandbox {
  /// The folder that commands run in.
  let path: String
  /// Variables that every command gets.
  var environment: [String: String]

  /// Makes the folder and writes the files into it.
  init(_ files: [String: String] = [:]) throws {
    let base = FileManager.default.temporaryDirectory.resolvingSymlinksInPath().path
    path = "\(base)/parity-e2e-\(UUID().uuidString)"
    environment = [
      "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin",
      "HOME": "\(path)/home", "XDG_CACHE_HOME": "\(path)/cache", "LANG": "C.UTF-8",
      // A crash is one; no need to spend seconds on describing it.
      "SWIFT_BACKTRACE": "enable=no",
    ]
    try FileManager.default.createDirectory(
      atPath: "\(path)/home", withIntermediateDirectories: true)
    for (name, text) in files { try write(text, to: name) }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The whole path of a file in the folder.
  func file(_ name: String) -> String { name.hasPrefix("/") ? name : "\(path)/\(name)" }

  /// Writes a file, and the folders it lies in.
  func write(_ text: String, to name: String) throws { try write(Data(text.utf8), to: name) }

  /// Writes a file of any bytes, and the folders it lies in.
  func write(_ bytes: Data, to name: String) throws {
    let url = URL(fileURLWithPath: file(name))
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try bytes.write(to: url)
  }

  /// Makes an empty folder.
  func makeFolder(_ name: String) throws {
    try FileManager.default.createDirectory(
      atPath: file(name), withIntermediateDirectories: true)
  }

  /// The text of a file; `nil` where there is none.
  func read(_ name: String) -> String? {
    (try? Data(contentsOf: URL(fileURLWithPath: file(name))))
      .map { String(decoding: $0, as: UTF8.self) }
  }

  /// The names of the files that lie anywhere in a folder, sorted.
  func files(in folder: String) -> [String] {
    (FileManager.default.enumerator(atPath: file(folder))?.compactMap { $0 as? String } ?? [])
      .sorted()
  }

  /// Runs parity in the folder, or in one below, to its end.
  func parity(
    _ arguments: String..., in folder: String = "", with more: [String: String] = [:],
    input: Input = .nothing, output: Output = .kept, within limit: Double = 20
  ) throws -> Outcome {
    try start(arguments, in: folder, with: more, input: input, output: output)
      .finish(within: limit)
  }

  /// Starts parity in the folder, or in one below.
  func start(
    _ arguments: [String], in folder: String = "", with more: [String: String] = [:],
    input: Input = .nothing, output: Output = .kept
  ) throws -> Program {
    try Program(
      Package.binary, arguments, in: folder.isEmpty ? path : file(folder),
      environment: environment.merging(more) { _, new in new }, input: input, output: output)
  }
}

/// Where the things under test lie.
enum Package {
  /// The repository's root.
  static let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

  /// The program: `PARITY_BINARY`, else the release build.
  static let binary =
    ProcessInfo.processInfo.environment["PARITY_BINARY"] ?? "\(root)/.build/release/parity"

  /// Whether the program was built.
  static let isBuilt = access(binary, X_OK) == 0

  /// The Python of the repository's virtual environment, where it has been made.
  static let python: String? = {
    let path = "\(root)/.venv/bin/python"
    return access(path, X_OK) == 0 ? path : nil
  }()

  /// Runs a Python script of the virtual environment to its end.
  static func python(_ script: String, _ arguments: String..., input: Input = .nothing) throws
    -> Outcome
  {
    guard let python else { throw Trouble("there is no .venv") }
    let environment = ProcessInfo.processInfo.environment
      .merging(["PYTHONDONTWRITEBYTECODE": "1"]) { _, new in new }
    return try Program(
      python, ["-c", script] + arguments, in: root, environment: environment, input: input
    ).finish(within: 60)
  }
}

/// A spec of three tables that needs no server to be read.
let shopSpec = """
  version: 1
  name: Shop
  source: { postgres: $DATABASE_URL }
  target: { snowflake: shop, database: SHOP, schema: PUBLIC }
  tables:
    customers:
      key: id
      tags: [pii]
    orders:
      severity: warn
    order_items:
      checksum: skip

  """
