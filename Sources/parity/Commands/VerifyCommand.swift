import ArgumentParser
import Cryptography
import Evidence
import Foundation
import Reporting
import SpecCore

/// Says whether a bundle of evidence is as it was made, and who has signed it.
struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Check a bundle of evidence and who signed it.",
    discussion: """
      Exit codes: 0 intact, passed, and signed by everyone who should; 1 something was changed, the run \
      failed, or somebody said no; 2 usage wrong; 3 something could not be checked; 5 intact and passed, \
      but not everyone has signed.
      """)

  @Argument(help: "A bundle's folder, or a folder of bundles: then its newest.")
  var folder: String

  @Option(
    help: "The file of allowed signers (PARITY_SIGNERS). Default: the spec's sign_off.signers.")
  var signers: String?

  @Option(
    name: .customLong("public-key"),
    help: "The Ed25519 key in PEM that the build server's signature was made with.")
  var publicKey: String?

  @Option(help: "What standard output carries.")
  var format = OutputFormat.text

  @Option(help: "When to use colours.")
  var color = ColourChoice.auto

  func run() throws {
    let environment = ProcessInfo.processInfo.environment
    let (reader, key) = try read()
    let checker = SignatureChecker(
      signers: signers, results: reader.bundle.results, environment: environment)
    let verification = reader.verified(checker, key: key)
    let text = VerificationText(
      path: reader.path, bundle: reader.bundle, verification: verification,
      look: color.look(for: .output, environment: environment))
    Terminal.output.write(format == .json ? text.json : text.text)
    let status = verification.status
    if status != .passed { throw status }
  }

  private func read() throws -> (BundleReader, Ed25519PublicKey?) {
    do throws(DiskError) {
      let key = try publicKey.map { path throws(DiskError) in
        let text = String(decoding: try Disk.read(path, limit: 65_536), as: UTF8.self)
        do throws(Ed25519Error) {
          return try Ed25519PublicKey(pem: text)
        } catch {
          throw DiskError(message: "\(path) is no public Ed25519 key in PEM")
        }
      }
      return (try BundleReader(folder), key)
    } catch {
      Terminal.errors.write("error: \(error.message)\n")
      throw ExitStatus.wrong
    }
  }
}

extension Verification {
  /// The exit code.
  var status: ExitStatus {
    switch conclusion {
    case .verified: .passed
    case .tampered, .failed: .failed
    case .couldNotCheck: .couldNotCheck
    case .incomplete: .incomplete
    }
  }
}
