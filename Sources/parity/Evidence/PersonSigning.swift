import ArgumentParser
import Diagnostics
import Evidence
import Foundation
import Reporting
import SpecCore

/// How somebody signs; shared by approvals and answers.
struct PersonSigning: ParsableArguments {
  @Option(
    help:
      "The ssh key to sign with (PARITY_SIGNING_KEY). Default: git's signing key, or the agent's only key."
  )
  var key: String?

  @Option(help: "The name to sign with. Default: git's user.name.")
  var name: String?

  @Option(
    help: "The file of allowed signers (PARITY_SIGNERS). Default: the spec's sign_off.signers.")
  var signers: String?

  @Flag(help: "Do not ask for a confirmation.")
  var yes = false

  @Option(help: "When to use colours.")
  var color = ColourChoice.auto

  var environment: [String: String] { ProcessInfo.processInfo.environment }

  /// Reads a bundle that may be signed: nothing in it was changed.
  func intact(_ folder: String) throws -> (BundleReader, StoredResults, Verification) {
    let reader: BundleReader
    do throws(DiskError) {
      reader = try BundleReader(folder)
    } catch {
      throw Self.refusal(error.message, status: .wrong)
    }
    let checker = SignatureChecker(
      signers: signers, results: reader.bundle.results, environment: environment)
    let verification = reader.verified(checker, key: nil)
    let changed = verification.tampered + verification.signOff.problems
    guard changed.isEmpty, let results = reader.bundle.results else {
      for problem in changed { Terminal.errors.write("  \(oneLine(problem))\n") }
      throw Self.refusal("the bundle is not as it was made: nothing was signed", status: .failed)
    }
    return (reader, results, verification)
  }

  /// An error for whoever typed the command.
  static func refusal(
    _ words: String, help: String? = nil, status: ExitStatus
  ) -> ExitStatus {
    let help = help.map { "  = help: \($0)\n" } ?? ""
    Terminal.errors.write("error: \(words)\n\(help)")
    return status
  }

  /// Who holds a role; others may not sign.
  func email(of role: String, in results: StoredResults) throws -> String {
    if let email = results.demand?.email(of: role) { return email }
    let roles = results.demand?.required.map(\.role) ?? []
    let near = nearestName(to: role, among: roles).map { "; did you mean `\($0)`?" } ?? ""
    throw Self.refusal(
      "the spec asks nobody to sign as `\(role)`\(near)",
      help: roles.isEmpty
        ? "write the roles and who holds them under sign_off.required, and run again"
        : "its roles are \(roles.joined(separator: ", "))", status: .wrong)
  }

  /// Signs a record and puts it beside those that are there.
  func sign(
    _ record: (String) -> PersonRecord, _ reader: BundleReader, _ results: StoredResults,
    showing verification: Verification
  ) throws {
    let record = record(try printedName())
    let text = VerificationText(
      path: reader.path, bundle: reader.bundle, verification: verification,
      look: color.look(for: .errors, environment: environment))
    Terminal.errors.write(text.head.joined(separator: "\n") + "\n")
    try confirm(record)
    let bytes = Array(record.text.utf8)
    let signature = try signature(of: bytes)
    let checker = SignatureChecker(
      signers: signers, results: results, environment: environment)
    switch checker.check(signature, of: bytes, by: record) {
    case .valid: break
    case .invalid(let words):
      throw Self.refusal(
        "the allowed signers do not let this key sign for \(record.email): \(oneLine(words))",
        help:
          "add a line to that file: \(record.email) namespaces=\"\(PersonRecord.namespace)\" KEY",
        status: .failed)
    case .unchecked(let reason):
      Terminal.errors.write("note: whether this key may sign was not checked: \(reason)\n")
    }
    do throws(DiskError) {
      let place = try Self.write(bytes, signature, record.stem, to: reader.path)
      Terminal.output.write("signed: \(place)\n")
    } catch {
      throw Self.refusal(error.message, status: .couldNotCheck)
    }
  }

  /// Lets ssh-keygen sign; it may ask for a passphrase, or for a touch of a security key.
  private func signature(of bytes: [UInt8]) throws -> [UInt8] {
    let file = try signingKey()
    defer { file.remove() }
    var variables = environment
    variables["LC_ALL"] = "C"
    do {
      let scratch = try ScratchFolder()
      defer { scratch.remove() }
      try scratch.write(bytes, "record")
      let status = try ChildProcess(
        program: "ssh-keygen",
        arguments: [
          "-q", "-Y", "sign", "-f", file.path, "-n", PersonRecord.namespace, scratch.path("record"),
        ], environment: variables
      ).runOnTerminal()
      guard status == 0 else {
        throw Self.refusal("ssh-keygen did not sign", status: .couldNotCheck)
      }
      return try Disk.read(scratch.path("record.sig"), limit: 65_536)
    } catch let failure as ChildProcess.Failure {
      throw Self.refusal(
        failure.message, help: failure.isMissing ? "the package openssh-client has it" : nil,
        status: .couldNotCheck)
    } catch let error as DiskError {
      throw Self.refusal(error.message, status: .couldNotCheck)
    }
  }

  /// Writes the signature, then the record, under the next free number.
  private static func write(
    _ record: [UInt8], _ signature: [UInt8], _ stem: String, to path: String
  ) throws(DiskError) -> String {
    let folder = "\(path)/approvals"
    for number in 1...10_000 {
      let name = number == 1 ? "\(folder)/\(stem).json" : "\(folder)/\(stem).\(number).json"
      guard access(name, F_OK) != 0, access("\(name).sig", F_OK) != 0 else { continue }
      try Disk.writeNew(signature, to: "\(name).sig")
      try Disk.writeNew(record, to: name)
      try Disk.flush(folder: folder)
      return name
    }
    throw DiskError(message: "\(folder) has too many records of \(stem)")
  }

  private func confirm(_ record: PersonRecord) throws {
    guard !yes else { return }
    guard isatty(STDIN_FILENO) == 1 else {
      throw Self.refusal(
        "nobody is at the terminal to confirm", help: "--yes signs without asking",
        status: .wrong)
    }
    let about = record.item.map { "\(PersonRecord.stem(ofItem: $0)): " } ?? ""
    Terminal.errors.write(
      "\(about)\(record.name) <\(record.email)> signs as \(record.role).\n"
        + "Type \(record.meaning.rawValue) to sign: ")
    guard readLine()?.trimmingCharacters(in: .whitespaces) == record.meaning.rawValue else {
      throw Self.refusal("not confirmed: nothing was signed", status: .wrong)
    }
  }

  // MARK: Who and with what

  private func git(_ setting: String) -> String? {
    let git = ChildProcess(
      program: "git", arguments: ["config", "--get", setting], environment: environment)
    guard let ended = try? git.run(), ended.status == 0 else { return nil }
    let text = ended.output.trimmingCharacters(in: .whitespacesAndNewlines)
    return text.isEmpty ? nil : text
  }

  private func printedName() throws -> String {
    guard let name = name ?? git("user.name"), !name.allSatisfy(\.isWhitespace) else {
      throw Self.refusal(
        "a signature needs the name of who signs", help: "--name \"Carol Example\"",
        status: .wrong)
    }
    return name
  }

  /// A file with a key, which may be there for this signature only.
  private struct KeyFile {
    let path: String
    var isOurs = false

    func remove() {
      if isOurs { try? FileManager.default.removeItem(atPath: path) }
    }
  }

  private func signingKey() throws -> KeyFile {
    if let named = key ?? environment["PARITY_SIGNING_KEY"] {
      return KeyFile(path: try existing(named))
    }
    if git("gpg.format") == "ssh", let named = git("user.signingkey") {
      if named.hasPrefix("ssh-") || named.hasPrefix("key::") || named.hasPrefix("ecdsa-") {
        return try temporary(named.replacing("key::", with: ""))
      }
      return KeyFile(path: try existing(named))
    }
    let agent = try? ChildProcess(
      program: "ssh-add", arguments: ["-L"], environment: environment
    ).run()
    let listed = agent.map { $0.status == 0 ? $0.output : "" } ?? ""
    let keys = listed.split(whereSeparator: \.isNewline)
    if keys.count == 1 { return try temporary(String(keys[0])) }
    throw Self.refusal(
      keys.isEmpty ? "there is no key to sign with" : "the ssh agent holds \(keys.count) keys",
      help:
        "--key FILE names one; a public key's file is enough where an agent has the private half",
      status: .wrong)
  }

  private func existing(_ named: String) throws -> String {
    let path = (named as NSString).expandingTildeInPath
    guard access(path, R_OK) == 0 else {
      throw Self.refusal("the key \(path) cannot be read", status: .wrong)
    }
    return path
  }

  /// The public half in a file, so that ssh-keygen asks the agent for the other.
  private func temporary(_ text: String) throws -> KeyFile {
    let path = "\(NSTemporaryDirectory())/parity-key-\(UUID().uuidString).pub"
    do throws(DiskError) {
      try Disk.write(text + "\n", to: path, mode: 0o600)
    } catch {
      throw Self.refusal(error.message, status: .couldNotCheck)
    }
    return KeyFile(path: path, isOurs: true)
  }
}
