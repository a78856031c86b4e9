import Cryptography
import Evidence
import Foundation
import SpecCore

/// A folder of bundles, one a run.
struct EvidenceFolder {
  let path: String

  /// Makes the folder and sees that bundles can be written there, before anything is run.
  init(_ path: String) throws(DiskError) {
    self.path = path
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw DiskError(message: "cannot make the folder \(path) for the evidence")
    }
    try Disk.prepare("\(path)/evidence")
  }

  /// The bundles of a spec before now, the newest last.
  struct Chain {
    var previous: EvidenceBundle.Link?
    var history: [EvidenceFacts.PastRun] = []
    /// Bundles that could not be read, of whichever spec they are.
    var unreadable: [String] = []
  }

  /// Follows the chain of a spec's runs back from its newest bundle.
  ///
  /// A bundle that cannot be read is left out, and told.
  func chain(of slug: String) throws(DiskError) -> Chain {
    var known: [String: PastBundle] = [:]
    var chain = Chain()
    for name in try Disk.names(in: path) where !name.hasPrefix(".") {
      guard let bundle = PastBundle(folder: name, in: path) else {
        if FileManager.default.fileExists(atPath: "\(path)/\(name)/SHA256SUMS") {
          chain.unreadable.append(name)
        }
        continue
      }
      if bundle.slug == slug { known[name] = bundle }
    }
    let newest = known.values.max {
      ($0.run.startedAt, $0.folder) < ($1.run.startedAt, $1.folder)
    }
    chain.previous = newest.map {
      EvidenceBundle.Link(run: $0.run.runID, folder: $0.folder, manifestSHA256: $0.manifestSHA256)
    }
    var next = newest
    while let bundle = next, chain.history.count < Self.longestHistory {
      chain.history.insert(bundle.run, at: 0)
      known[bundle.folder] = nil
      next = bundle.previous.flatMap { known[$0] }
    }
    return chain
  }

  /// So many runs are shown.
  private static let longestHistory = 50

  /// Writes a bundle whole, then gives it its name, and returns its folder.
  ///
  /// Whoever kills the program finds all of it or nothing.
  func write(_ bundle: EvidenceBundle, signedWith key: Ed25519Key?) throws(DiskError) -> String {
    let draft = "\(path)/.\(bundle.folder).\(getpid()).part"
    do throws(DiskError) {
      let files = bundle.files
      for (name, bytes) in files { try Disk.write(bytes, to: "\(draft)/\(name)", in: draft) }
      try Disk.write(
        Array(Manifest(files: files).text.utf8), to: "\(draft)/SHA256SUMS", in: draft)
      if let key, let statement = files.first(where: { $0.name == "statement.json" }) {
        try Disk.write(
          Array(try Self.envelope(statement.bytes, key).text.utf8),
          to: "\(draft)/statement.intoto.jsonl", in: draft)
      }
      return try rename(draft, to: bundle.folder)
    } catch {
      // What is left of a draft is hidden, and no bundle; the error itself says what went wrong.
      try? FileManager.default.removeItem(atPath: draft)
      throw error
    }
  }

  private static func envelope(
    _ statement: [UInt8], _ key: Ed25519Key
  ) throws(DiskError) -> Envelope {
    do throws(Ed25519Error) {
      return try Envelope(signing: statement, with: key)
    } catch {
      throw DiskError(message: "the statement could not be signed with the evidence key")
    }
  }

  private func rename(_ draft: String, to folder: String) throws(DiskError) -> String {
    try Disk.flush(folder: draft)
    for number in 1...1_000 {
      let name = number == 1 ? folder : "\(folder)-\(number)"
      // A folder takes the place of an empty one only, so that no bundle is ever overwritten.
      if Foundation.rename(draft, "\(path)/\(name)") == 0 {
        try Disk.flush(folder: path)
        return "\(path)/\(name)"
      }
      guard errno == EEXIST || errno == ENOTEMPTY else { break }
    }
    throw DiskError(
      message: "cannot write \(path)/\(folder): \(String(cString: strerror(errno)).lowercased())")
  }
}

/// What another run must know of an earlier bundle.
private struct PastBundle {
  let folder: String
  let slug: String
  let run: EvidenceFacts.PastRun
  let manifestSHA256: String
  /// The folder of the one before.
  let previous: String?

  /// `nil` for whatever is no bundle.
  init?(folder: String, in path: String) {
    func bytes(_ name: String) -> [UInt8]? {
      let bytes = try? Disk.read("\(path)/\(folder)/\(name)", limit: 100_000_000)
      return bytes.flatMap { $0.count <= 100_000_000 ? $0 : nil }
    }
    guard let manifest = bytes("SHA256SUMS"), let text = bytes("results.json"),
      let results = try? JSONValue.parse(String(decoding: text, as: UTF8.self)),
      results["schema"]?.text == "results/v1", let slug = results["spec"]?["slug"]?.text,
      let run = EvidenceFacts.PastRun(results)
    else { return nil }
    self.folder = folder
    self.slug = slug
    self.run = run
    manifestSHA256 = SHA256Digest(of: manifest).hex
    previous = results["previous"]?["folder"]?.text
  }
}
