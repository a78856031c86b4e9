import Cryptography
import Evidence
import Foundation
import SpecCore

/// Reads bundles from the disk.
struct BundleReader {
  /// The bundle's folder.
  let path: String
  let bundle: StoredBundle

  /// The longest file that is read.
  private static let limit = 1_000_000_000

  /// Reads the bundle in a folder, or the newest one below it.
  init(_ named: String) throws(DiskError) {
    path = try Self.folder(named)
    var files: [String: [UInt8]] = [:]
    var strange: [String] = []
    func read(_ folder: String, _ prefix: String) throws(DiskError) {
      for name in try Disk.names(in: folder) {
        let (place, shown) = ("\(folder)/\(name)", prefix + name)
        var status = stat()
        guard lstat(place, &status) == 0 else {
          throw DiskError(message: "cannot read \(place)")
        }
        switch status.st_mode & S_IFMT {
        case S_IFREG:
          let bytes = try Disk.read(place, limit: Self.limit)
          guard bytes.count <= Self.limit else {
            throw DiskError(message: "\(place) is too long to be read")
          }
          files[shown] = bytes
        case S_IFDIR where prefix.isEmpty && name == "approvals": try read(place, "approvals/")
        default: strange.append(shown)
        }
      }
    }
    try read(path, "")
    bundle = StoredBundle(files: files, strange: strange)
  }

  /// A bundle's own folder, else the newest bundle's in it.
  private static func folder(_ named: String) throws(DiskError) -> String {
    let path = named.count > 1 && named.hasSuffix("/") ? String(named.dropLast()) : named
    let names = try Disk.names(in: path)
    let marks = ["SHA256SUMS", "results.json", "statement.json"]
    if names.contains(where: marks.contains) { return path }
    // Names begin with the time of the run.
    let newest = names.last { name in
      !name.hasPrefix(".") && FileManager.default.fileExists(atPath: "\(path)/\(name)/SHA256SUMS")
    }
    guard let newest else {
      throw DiskError(message: "there is no bundle of evidence in \(path)")
    }
    Terminal.errors.write("the newest bundle is \(path)/\(newest)\n")
    return "\(path)/\(newest)"
  }

  /// The digest of the manifest that the bundle calls the one before; `nil` where that is not here.
  var previousManifestSHA256: String? {
    guard let folder = bundle.results?.previous?.folder, !folder.contains("/"),
      !folder.hasPrefix(".")
    else { return nil }
    let beside = URL(fileURLWithPath: path).standardizedFileURL.deletingLastPathComponent().path
    return (try? Disk.read("\(beside)/\(folder)/SHA256SUMS", limit: 1_000_000))
      .map { SHA256Digest(of: $0).hex }
  }

  /// The statement's envelope, as far as a key can tell.
  func envelope(_ key: Ed25519PublicKey?) -> EnvelopeState {
    EnvelopeState(
      bundle.files["statement.intoto.jsonl"], statement: bundle.files["statement.json"], key: key)
  }

  /// Judges the bundle with the signatures of people.
  func verified(_ keygen: SignatureChecker, key: Ed25519PublicKey?) -> Verification {
    var signatures: [String: Verification.Signature] = [:]
    for (file, record) in bundle.records {
      guard let signature = bundle.files["\(file).sig"], let bytes = bundle.files[file] else {
        continue
      }
      signatures[file] = keygen.check(signature, of: bytes, by: record)
    }
    return Verification(
      bundle, signatures: signatures, envelope: envelope(key),
      previousManifestSHA256: previousManifestSHA256)
  }
}

/// Checks signatures of people by `ssh-keygen`, against a file of allowed signers.
struct SignatureChecker {
  /// The file of allowed signers, or why there is none.
  private let signers: Result<String, DiskError>
  private let environment: [String: String]

  /// Looks for the file of allowed signers where the flag, the variable or the spec say, and never
  /// within the bundle, whose maker could have put anything there.
  init(
    signers flag: String?, results: StoredResults?, environment: [String: String]
  ) {
    self.environment = environment
    let given = flag ?? environment["PARITY_SIGNERS"].flatMap { $0.isEmpty ? nil : $0 }
    if let given {
      signers = Self.readable(given)
    } else if let results, let named = results.demand?.signers {
      let here = FileManager.default.currentDirectoryPath
      let root = SpecFile.repositoryRoot(from: here) ?? here
      let folder = Disk.folder(of: results.specPath)
      let base = folder.isEmpty ? root : "\(root)/\(folder)"
      signers = Self.readable(named.hasPrefix("/") ? named : "\(base)/\(named)")
    } else {
      signers = .failure(
        DiskError(
          message: "no file of allowed signers is named (--signers, or the spec's sign_off)"))
    }
  }

  private static func readable(_ path: String) -> Result<String, DiskError> {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG, access(path, R_OK) == 0
    else { return .failure(DiskError(message: "the file of allowed signers \(path) is not there")) }
    return .success(path)
  }

  /// What `ssh-keygen` says of the signature of a record.
  ///
  /// Whether the key was allowed is asked for the time at which the record says it was signed: a key
  /// that has expired since does not take back what it signed.
  func check(_ signature: [UInt8], of bytes: [UInt8], by record: PersonRecord)
    -> Verification.Signature
  {
    let file: String
    switch signers {
    case .success(let path): file = path
    case .failure(let error): return .unchecked(error.message)
    }
    var variables = environment
    variables["LC_ALL"] = "C"
    // Times in allowed signers and in the option are then UTC.
    variables["TZ"] = "UTC"
    let time = record.signedAt.description.filter(\.isNumber)
    do throws(DiskError) {
      let scratch = try ScratchFolder()
      defer { scratch.remove() }
      try scratch.write(signature, "signature")
      let keygen = ChildProcess(
        program: "ssh-keygen",
        arguments: [
          "-Y", "verify", "-f", file, "-I", record.email, "-n", PersonRecord.namespace, "-s",
          scratch.path("signature"), "-O", "verify-time=\(time)",
        ], environment: variables)
      return Self.judged(Result { () throws(ChildProcess.Failure) in try keygen.run(input: bytes) })
    } catch {
      return .unchecked(error.message)
    }
  }

  private static func judged(
    _ outcome: Result<ChildProcess.Ended, ChildProcess.Failure>
  ) -> Verification.Signature {
    switch outcome {
    case .success(let ended) where ended.status == 0: return .valid
    case .success(let ended):
      let words = (ended.errors + ended.output).split(whereSeparator: \.isNewline)
        .map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
      return .invalid(words.first ?? "ssh-keygen ended with \(ended.status)")
    case .failure(let failure) where failure.isMissing:
      return .unchecked("ssh-keygen is not installed (the package openssh-client has it)")
    case .failure(let failure): return .unchecked(failure.message)
    }
  }
}
