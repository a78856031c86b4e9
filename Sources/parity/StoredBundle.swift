import Cryptography
import Diagnostics
import Evidence
import Foundation
import Reporting
import SpecCore

/// A stored result that cannot be used, in words for the user.
struct StoredResultError: Error {
  let message: String
  /// 1 where the evidence does not hold, 2 where there is none to read.
  let status: ExitStatus
}

/// The result of an earlier run, read from a folder of evidence or from a file.
struct StoredResult {
  let run: RunResult
  /// The very text that was run; `nil` where only the result is at hand.
  let spec: SourceFile?
  /// `nil` where only the result is at hand.
  var evidence: EvidenceFacts?
  /// The folder whose files are evidence, in which nothing may be written.
  let folder: String?
  /// What a reader should know, such as which of several bundles was taken.
  var notes: [String] = []

  /// The longest file that is read.
  private static let limit = 1_000_000_000
  /// How many runs of a chain are followed back.
  private static let longestChain = 100

  /// Reads a bundle, the newest bundle of a folder, or a file that `parity run --json` wrote.
  static func read(_ path: String) throws(StoredResultError) -> StoredResult {
    guard isFolder(path) else {
      return StoredResult(
        run: try result(try bytes(path), of: path), spec: nil, evidence: nil, folder: nil)
    }
    if exists("\(path)/report.json") || exists("\(path)/SHA256SUMS") { return try bundle(path) }
    let bundles = try names(path).filter {
      !$0.hasPrefix(".") && exists("\(path)/\($0)/report.json")
        && exists("\(path)/\($0)/SHA256SUMS")
    }
    // Their names begin with the time of the run.
    guard let newest = bundles.last else {
      throw StoredResultError(
        message: "\(path) holds neither a report.json nor a folder of evidence that is complete",
        status: .wrong)
    }
    var stored = try bundle("\(path)/\(newest)")
    if bundles.count > 1 {
      stored.notes.insert(
        "\(path) holds \(bundles.count) runs; this is the newest, \(newest)", at: 0)
    }
    return stored
  }

  private static func bundle(_ folder: String) throws(StoredResultError) -> StoredResult {
    let sums = try Checksums(folder: folder)
    let run = try result(try sums.bytes("report.json"), of: "\(folder)/report.json")
    let spec = try sums.bytes("spec.yml")
    let digest = SHA256Digest(of: spec).hex
    guard digest == run.spec.sha256 else {
      throw StoredResultError(
        message: "\(folder)/spec.yml is not the spec that was run: its SHA-256 is \(digest), "
          + "report.json says \(run.spec.sha256)", status: .failed)
    }
    guard let text = String(validating: spec, as: UTF8.self) else {
      throw StoredResultError(message: "\(folder)/spec.yml is not UTF-8", status: .failed)
    }
    var notes: [String] = []
    let logged = sums.names.contains("log.jsonl") ? try statements(sums.bytes("log.jsonl")) : 0
    let history = try history(before: sums, notes: &notes)
    return StoredResult(
      run: run, spec: SourceFile(name: run.spec.path, text: text),
      evidence: EvidenceFacts(loggedStatements: logged, history: history), folder: folder,
      notes: notes)
  }

  private static func result(
    _ bytes: [UInt8], of path: String
  ) throws(StoredResultError) -> RunResult {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw StoredResultError(message: "\(path) is not UTF-8", status: .wrong)
    }
    do throws(ResultReadError) {
      return try ResultReader().read(text)
    } catch {
      throw StoredResultError(
        message: "\(path) is not the stored result of a run, \(error)", status: .wrong)
    }
  }

  /// How many statements a log holds: its lines are JSON, those of a statement name its side.
  private static func statements(_ bytes: [UInt8]) -> Int {
    bytes.split(separator: UInt8(ascii: "\n")).count { line in
      let value = try? JSONValue.parse(String(decoding: line, as: UTF8.self))
      return value?["side"]?.text != nil
    }
  }

  // MARK: The chain

  /// The runs before this one, oldest first, as far as they are at hand and unchanged.
  private static func history(
    before bundle: Checksums, notes: inout [String]
  ) throws(StoredResultError) -> [EvidenceFacts.PastRun] {
    guard bundle.names.contains("results.json") else { return [] }
    let base = Disk.folder(of: bundle.folder)
    var found: [EvidenceFacts.PastRun] = []
    var next = try json(bundle, "results.json")["previous"]
    while let previous = next, previous != .null, found.count < longestChain {
      guard let name = previous["folder"]?.text, let digest = previous["manifest_sha256"]?.text,
        !name.contains("/"), name != "..", !name.isEmpty
      else {
        notes.append("results.json names the run before in a way that is not understood")
        break
      }
      let folder = base.isEmpty ? name : "\(base)/\(name)"
      guard exists("\(folder)/SHA256SUMS") else {
        notes.append("the run before, \(name), is not at hand: the history ends there")
        break
      }
      let sums = try Checksums(folder: folder)
      guard sums.digest == digest else {
        throw StoredResultError(
          message: "\(folder) is not the run that the chain names: the SHA-256 of its SHA256SUMS "
            + "is \(sums.digest), not \(digest)", status: .failed)
      }
      let summary = try json(sums, "results.json")
      guard let run = EvidenceFacts.PastRun(summary) else {
        throw StoredResultError(
          message: "\(folder)/results.json is not the summary of a run", status: .failed)
      }
      found.append(run)
      next = summary["previous"]
    }
    return found.reversed()
  }

  private static func json(
    _ sums: Checksums, _ name: String
  ) throws(StoredResultError) -> JSONValue {
    let text = String(decoding: try sums.bytes(name), as: UTF8.self)
    do throws(JSONParseError) {
      return try JSONValue.parse(text)
    } catch {
      throw StoredResultError(
        message: "\(sums.folder)/\(name) is not JSON: \(error.reason)", status: .failed)
    }
  }

  // MARK: Files

  fileprivate static func bytes(_ path: String) throws(StoredResultError) -> [UInt8] {
    let bytes: [UInt8]
    do throws(DiskError) {
      bytes = try Disk.read(path, limit: limit)
    } catch {
      throw StoredResultError(message: error.message, status: .wrong)
    }
    guard bytes.count <= limit else {
      throw StoredResultError(message: "\(path) is longer than 1 GB", status: .wrong)
    }
    return bytes
  }

  private static func names(_ folder: String) throws(StoredResultError) -> [String] {
    do throws(DiskError) {
      return try Disk.names(in: folder)
    } catch {
      throw StoredResultError(message: error.message, status: .wrong)
    }
  }

  private static func exists(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: path)
  }

  private static func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
      && isFolder.boolValue
  }
}

/// The SHA256SUMS of a bundle, by which every file is checked as it is read.
private struct Checksums {
  let folder: String
  /// Of the file of sums itself.
  let digest: String
  private let sums: [String: String]

  var names: Set<String> { Set(sums.keys) }

  init(folder: String) throws(StoredResultError) {
    let plain = folder.count > 1 && folder.hasSuffix("/") ? String(folder.dropLast()) : folder
    self.folder = plain
    guard FileManager.default.fileExists(atPath: "\(plain)/SHA256SUMS") else {
      throw StoredResultError(
        message: "\(plain) has no SHA256SUMS, so nothing says that its files are unchanged",
        status: .failed)
    }
    let bytes = try StoredResult.bytes("\(plain)/SHA256SUMS")
    digest = SHA256Digest(of: bytes).hex
    do throws(Manifest.Mistake) {
      sums = Dictionary(
        uniqueKeysWithValues: try Manifest(parsing: bytes).entries.map { ($0.name, $0.sha256) })
    } catch {
      throw StoredResultError(
        message: "\(plain)/SHA256SUMS \(error.reason)", status: .failed)
    }
  }

  /// A file's bytes, which are what the sums say.
  func bytes(_ name: String) throws(StoredResultError) -> [UInt8] {
    guard let sum = sums[name] else {
      throw StoredResultError(
        message: "\(folder)/SHA256SUMS does not name \(name), so it cannot be relied on",
        status: .failed)
    }
    guard FileManager.default.fileExists(atPath: "\(folder)/\(name)") else {
      throw StoredResultError(
        message: "\(folder)/\(name) is gone; SHA256SUMS names it", status: .failed)
    }
    let bytes = try StoredResult.bytes("\(folder)/\(name)")
    guard SHA256Digest(of: bytes).hex == sum else {
      throw StoredResultError(
        message: "\(folder)/\(name) was changed after the run: its SHA-256 is not the one in "
          + "SHA256SUMS", status: .failed)
    }
    return bytes
  }
}
