import Cryptography
import Evidence
import Foundation
import Runner
import SpecCore
import Synchronization

/// By what and from what a run is made, as far as this machine knows.
struct RunOrigin {
  let environment: [String: String]

  /// The digest of the program that is running; throws where it cannot read itself.
  func toolSHA256() throws(DiskError) -> String {
    let path = "/proc/self/exe"
    guard let file = FileHandle(forReadingAtPath: path) else {
      throw DiskError(message: "cannot read \(path), which is this program")
    }
    defer { try? file.close() }
    do {
      return try SHA256Digest(ofParts: { Array(try file.read(upToCount: 1 << 20) ?? Data()) }).hex
    } catch {
      throw DiskError(message: "cannot read \(path), which is this program")
    }
  }

  /// The state of the repository around a spec; `nil` where there is none, or no git to ask.
  func git(of spec: String) -> EvidenceBundle.GitState? {
    guard spec != "-" else { return nil }
    let file = URL(fileURLWithPath: spec).standardizedFileURL.path
    let folder = Disk.folder(of: file)
    var variables = environment
    variables["GIT_OPTIONAL_LOCKS"] = "0"
    variables["LC_ALL"] = "C"
    func ask(_ arguments: String...) -> String? {
      let git = ChildProcess(
        program: "git", arguments: ["-C", folder] + arguments, environment: variables)
      guard let ended = try? git.run(), ended.status == 0 else { return nil }
      return ended.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }
    guard let commit = ask("rev-parse", "--verify", "HEAD"),
      let changed = ask("status", "--porcelain", "--untracked-files=no"),
      let own = ask("status", "--porcelain", "--untracked-files=all", "--ignored", "--", file)
    else { return nil }
    return EvidenceBundle.GitState(commit: commit, isDirty: !changed.isEmpty || !own.isEmpty)
  }

  /// The build server's page of this run, where it says so.
  var url: String? {
    if let server = environment["GITHUB_SERVER_URL"],
      let repository = environment["GITHUB_REPOSITORY"], let run = environment["GITHUB_RUN_ID"]
    {
      return "\(server)/\(repository)/actions/runs/\(run)"
    }
    return ["CI_JOB_URL", "BUILD_URL"].compactMap { environment[$0] }.first { !$0.isEmpty }
  }
}

/// What is noted of a run for its evidence while it goes on.
final class RunRecord: Sendable {
  let log = LogBook()
  let files: RecordedFiles
  /// What its digests are keyed by.
  let seed: String
  /// The words that selected a part of the spec; none where all of it is run.
  let selection: [String]
  private let selected = Mutex<Plan?>(nil)

  init(files: DiskFiles, seed: String, selection: [String]) {
    self.selection = selection
    self.files = RecordedFiles(files)
    self.seed = seed
  }

  /// Keeps what will be checked.
  func note(_ plan: Plan) { selected.withLock { $0 = plan } }

  var plan: Plan? { selected.withLock { $0 } }

  /// A connector whose statements are in the log.
  func logged(_ connector: any Connector, _ side: Side) -> any Connector {
    LoggedConnector(connector, side: side, log: log, now: { Composition.now() })
  }
}

/// Collects the lines of `log.jsonl` while a run goes on.
///
/// They stay in memory, some hundred bytes a statement, so that a run which is killed leaves
/// nothing behind.
final class LogBook: StatementLog {
  private let lines = Mutex<(count: Int, text: String)>((0, ""))

  func record(_ entry: LoggedStatement) {
    lines.withLock {
      $0.count += 1
      $0.text += entry.line($0.count)
    }
  }

  /// All lines so far, and their number.
  var kept: (count: Int, text: String) { lines.withLock { $0 } }
}

/// Files that are read for a run, with a record of which they were.
final class RecordedFiles: Files {
  private let files: DiskFiles
  private let seen = Mutex<Set<EvidenceBundle.Input>>([])

  init(_ files: DiskFiles) { self.files = files }

  func read(_ request: FileRequest) async -> FoundFiles {
    let found = await files.read(request)
    let inputs = found.files.compactMap { file in
      file.bytes.map { EvidenceBundle.Input(path: file.path, sha256: SHA256Digest(of: $0).hex) }
    }
    seen.withLock { $0.formUnion(inputs) }
    return found
  }

  /// What was read so far; a file that changed meanwhile is there twice.
  var inputs: [EvidenceBundle.Input] { seen.withLock { $0.sorted() } }
}
