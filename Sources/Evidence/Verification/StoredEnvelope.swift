package import Cryptography
import FoundationEssentials
import SpecCore

/// The envelope of a bundle's statement, as it was found.
package enum EnvelopeState: Hashable, Sendable {
  /// There is none.
  case absent
  /// It holds the statement, signed by the key with this name; no key was at hand to check it.
  case unchecked(keyID: String)
  /// It holds the statement, and the key at hand made the signature.
  case valid(keyID: String)
  /// What is wrong.
  case wrong(String)

  /// Looks at `statement.intoto.jsonl`.
  package init(
    _ bytes: [UInt8]?, statement: [UInt8]?, key: Ed25519PublicKey?
  ) {
    guard let bytes else {
      // Whoever brings a key knows that there was a signature.
      self = key == nil ? .absent : .wrong("is missing, though a key is at hand")
      return
    }
    func decoded(_ text: String?) -> [UInt8]? {
      text.flatMap { Data(base64Encoded: $0) }.map { Array($0) }
    }
    guard let text = String(validating: bytes, as: UTF8.self),
      let value = try? JSONValue.parse(text), let payload = decoded(value["payload"]?.text),
      value["payloadType"]?.text == Envelope.payloadType,
      let signatures = value["signatures"]?.elements, signatures.count == 1,
      let signature = decoded(signatures[0]["sig"]?.text),
      let keyID = signatures[0]["keyid"]?.text
    else {
      self = .wrong("is no envelope of an in-toto statement")
      return
    }
    guard payload == statement else {
      self = .wrong("holds another statement than statement.json")
      return
    }
    guard let key else {
      self = .unchecked(keyID: keyID)
      return
    }
    self =
      key.isValid(signature, of: Envelope.signedBytes(payload))
      ? .valid(keyID: keyID) : .wrong("is not signed by the key that was given")
  }
}
