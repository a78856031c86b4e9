import Cryptography
import Evidence
import Foundation
import Reporting
import SpecCore

/// Writes a bundle of evidence for each run.
struct EvidenceWriter {
  private let folder: EvidenceFolder
  private let key: Ed25519Key?
  private let origin: RunOrigin
  private let toolSHA256: String

  /// Sees that the folder can be written and the key can sign, before anything is run; `nil` where
  /// no evidence is asked for.
  init?(
    folder: String?, key: String?, isKeyAsked: Bool, environment: [String: String]
  ) throws {
    guard let folder else {
      if isKeyAsked {
        Terminal.errors.write("error: --evidence-key signs nothing without --evidence\n")
        throw ExitStatus.wrong
      }
      return nil
    }
    origin = RunOrigin(environment: environment)
    do throws(DiskError) {
      self.folder = try EvidenceFolder(folder)
      self.key = try key.map { text throws(DiskError) in try Self.key(text) }
      toolSHA256 = try origin.toolSHA256()
    } catch {
      Terminal.errors.write("error: \(error.message); nothing was run\n")
      throw ExitStatus.wrong
    }
  }

  /// A file's name, or the key itself as build servers hand it over.
  private static func key(_ text: String) throws(DiskError) -> Ed25519Key {
    let pem =
      text.contains("-----BEGIN")
      ? text : String(decoding: try Disk.read(text, limit: 65_536), as: UTF8.self)
    do throws(Ed25519Error) {
      return try Ed25519Key(pem: Secret(pem))
    } catch {
      throw DiskError(
        message: "the evidence key is no unencrypted Ed25519 key in PEM "
          + "(openssl genpkey -algorithm ed25519)")
    }
  }

  /// Writes the bundle of one run and returns its folder.
  func write(
    _ result: RunResult, _ record: RunRecord, _ file: SpecFile
  ) throws(DiskError) -> String {
    let chain = try folder.chain(of: result.spec.slug)
    for name in chain.unreadable {
      Terminal.errors.write("note: \(name) cannot be read, and is left out of the chain of runs\n")
    }
    let log = record.log.kept
    let bundle = EvidenceBundle(
      run: result, plan: record.plan, spec: file.bytes,
      reports: EvidenceBundle.Reports(
        json: JSONReporter().render(result), junit: JUnitReporter().render(result),
        html: HTMLReporter(
          spec: file.source,
          evidence: EvidenceFacts(loggedStatements: log.count, history: chain.history)
        ).render(result), log: log.text),
      origin: EvidenceBundle.Origin(
        toolSHA256: toolSHA256, git: origin.git(of: file.path), url: origin.url,
        seed: record.seed, selection: record.selection, inputs: record.files.inputs),
      previous: chain.previous)
    return try folder.write(bundle, signedWith: key)
  }
}
