package import Cryptography
import FoundationEssentials
import Reporting
import SpecCore

extension EvidenceBundle {
  /// The predicate's type (in-toto attestation framework, predicates/test-result).
  package static let predicateType = "https://in-toto.io/attestation/test-result/v0.1"

  /// `statement.json`: the run as an in-toto statement about the data that were compared.
  func statement(
    about subject: (name: String, bytes: [UInt8]),
    configured files: [(name: String, bytes: [UInt8])], mediaTypes: [String: String]
  ) -> JSONValue {
    let checks = checks
    func ids(_ statuses: RecordedStatus...) -> JSONValue {
      .texts(checks.filter { statuses.contains($0.status) }.map(\.id))
    }
    let configuration =
      files.map { file in
        var members = Self.descriptor(file.name, SHA256Digest(of: file.bytes).hex)
        let ending = file.name.split(separator: ".").last.map(String.init) ?? ""
        if let type = mediaTypes[ending] { members.append(("mediaType", .string(type))) }
        return JSONValue.object(members)
      }
      + origin.inputs.sorted().map { .object(Self.descriptor($0.path, $0.sha256)) }
    var predicate: [(String, JSONValue)] = [
      ("result", .string(verdict)), ("configuration", .array(configuration)),
    ]
    if let url = origin.url { predicate.append(("url", .text(url))) }
    predicate += [
      ("passedTests", ids(.passed)), ("warnedTests", ids(.warned)),
      ("failedTests", ids(.failed, .error)),
    ]
    return .object([
      ("_type", "https://in-toto.io/Statement/v1"),
      (
        "subject",
        .array([.object(Self.descriptor(subject.name, SHA256Digest(of: subject.bytes).hex))])
      ),
      ("predicateType", .string(Self.predicateType)),
      ("predicate", .object(predicate)),
    ])
  }

  private static func descriptor(_ name: String, _ sha256: String) -> [(String, JSONValue)] {
    [("name", .text(name)), ("digest", .object([("sha256", .string(sha256))]))]
  }
}

/// A statement in an envelope with a signature over its bytes (DSSE 1.0).
package struct Envelope: Sendable {
  package let payload: [UInt8]
  package let signature: [UInt8]
  /// SHA-256 of the public key as SubjectPublicKeyInfo, hexadecimal.
  package let keyID: String

  package static let payloadType = "application/vnd.in-toto+json"

  /// Signs a statement.
  package init(signing payload: [UInt8], with key: Ed25519Key) throws(Ed25519Error) {
    self.payload = payload
    signature = try key.signature(of: Self.signedBytes(payload))
    keyID = SHA256Digest(of: key.publicKey.der).hex
  }

  /// What is signed: type and payload with their lengths, so that neither can be taken for a part
  /// of the other (DSSE's pre-authentication encoding).
  package static func signedBytes(_ payload: [UInt8]) -> [UInt8] {
    Array(
      "DSSEv1 \(payloadType.utf8.count) \(payloadType) \(payload.count) ".utf8) + payload
  }

  /// `statement.intoto.jsonl`: one line.
  package var text: String {
    let document = JSONValue.object([
      ("payloadType", .string(Self.payloadType)),
      ("payload", .string(Data(payload).base64EncodedString())),
      (
        "signatures",
        .array([
          .object([
            ("keyid", .string(keyID)), ("sig", .string(Data(signature).base64EncodedString())),
          ])
        ])
      ),
    ])
    return document.rendered(indent: 0) + "\n"
  }
}
