import Cryptography
import Foundation
import Testing

@Suite("Ed25519")
struct Ed25519Tests {
  /// PKCS#8 of a seed, as `openssl genpkey` writes it.
  private static func pem(_ seed: [UInt8]) -> String {
    let der = [0x30, 0x2E, 2, 1, 0, 0x30, 5, 6, 3, 0x2B, 0x65, 0x70, 4, 0x22, 4, 0x20] + seed
    let body = Data(der).base64EncodedString()
    return "-----BEGIN PRIVATE KEY-----\n\(body)\n-----END PRIVATE KEY-----\n"
  }

  private static func bytes(_ hex: String) -> [UInt8] {
    let digits = Array(hex)
    return stride(from: 0, to: digits.count, by: 2).compactMap {
      UInt8(String(digits[$0...$0 + 1]), radix: 16)
    }
  }

  @Test(
    "signs the examples of RFC 8032, section 7.1",
    arguments: [
      (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", ""
      ),
      (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72"
      ),
    ])
  func examples(_ seed: String, _ public: String, _ message: String) throws {
    let key = try Ed25519Key(pem: Secret(Self.pem(Self.bytes(seed))))
    #expect(Array(key.publicKey.der.suffix(32)) == Self.bytes(`public`))
    let message = Self.bytes(message)
    let signature = try key.signature(of: message)
    #expect(key.publicKey.isValid(signature, of: message))
    #expect(!key.publicKey.isValid(signature, of: message + [0]))
    let known = Self.bytes(
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
        + "d25bf5f0595bbe24655141438e7a100b")
    // The first example's signature; the library's own randomness does not change validity.
    if message.isEmpty { #expect(key.publicKey.isValid(known, of: message)) }
  }

  @Test("reads what openssl writes, and signs what openssl accepts")
  func interoperates() throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("parity-ed25519-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    func openssl(_ arguments: String...) throws -> Int32 {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
      process.arguments = arguments
      process.currentDirectoryURL = folder
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      try process.run()
      process.waitUntilExit()
      return process.terminationStatus
    }
    guard FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl") else {
      try Test.cancel("openssl is not installed")
    }
    try #require(openssl("genpkey", "-algorithm", "ed25519", "-out", "key.pem") == 0)
    try #require(openssl("pkey", "-in", "key.pem", "-pubout", "-out", "public.pem") == 0)
    func text(_ name: String) throws -> String {
      try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
    }
    let key = try Ed25519Key(pem: Secret(text("key.pem")))
    let other = try Ed25519PublicKey(pem: text("public.pem"))
    #expect(other.der == key.publicKey.der)
    let message = Array("parity".utf8)
    let signature = try key.signature(of: message)
    #expect(other.isValid(signature, of: message))
    try Data(message).write(to: folder.appendingPathComponent("message"))
    try Data(signature).write(to: folder.appendingPathComponent("signature"))
    #expect(
      try openssl(
        "pkeyutl", "-verify", "-pubin", "-inkey", "public.pem", "-rawin", "-in", "message",
        "-sigfile", "signature") == 0)
  }

  @Test(
    "other keys and other texts are refused",
    arguments: [
      "", "no key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----",
      "-----BEGIN PRIVATE KEY-----\n!\n-----END PRIVATE KEY-----",
      pem(Array(repeating: 1, count: 31)), pem(Array(repeating: 1, count: 33)),
      pem(Array(repeating: 1, count: 32)).replacingOccurrences(of: "PRIVATE", with: "PUBLIC"),
    ])
  func refused(_ text: String) {
    #expect(throws: Ed25519Error.self) { try Ed25519Key(pem: Secret(text)) }
    #expect(throws: Ed25519Error.self) { try Ed25519PublicKey(pem: text) }
  }
}
