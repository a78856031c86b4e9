import Cryptography
import Evidence
import SpecCore
import Testing

@Suite("verification of a bundle")
struct VerificationTests {
  private static let asked = [
    AskedItem(
      id: CheckID(spec: "shop", section: "uat", object: "report", check: "accepted"), clause: "7",
      question: "Is it right?", approver: "data_owner", range: EvidenceBundleTests.place),
    AskedItem(
      id: CheckID(spec: "shop", section: "rollback", object: "rehearsal", check: "rehearsed"),
      clause: "8b", question: "Was it tried?", approver: "qa_lead", within: 14 * 86_400,
      range: EvidenceBundleTests.place),
  ]
  private static let demand = SignOffDemand(
    signers: "allowed_signers",
    required: [
      .init(role: "qa_lead", email: "carol@example.com"),
      .init(role: "data_owner", email: "bob@example.com"),
    ])

  /// A bundle of a run that ended at 2025-11-28T03:20:02Z.
  private static func files(
    _ outcome: Outcome = .passed, selection: [String] = [],
    previous: EvidenceBundle.Link? = nil
  ) -> [String: [UInt8]] {
    let bundle = EvidenceBundleTests.bundle(
      [
        EvidenceBundleTests.result("a", outcome), EvidenceBundleTests.result("b", .passed),
      ], asked: asked, demand: demand, selection: selection,
      previous: previous)
    var files = Dictionary(uniqueKeysWithValues: bundle.files.map { ($0.name, $0.bytes) })
    files["SHA256SUMS"] = Array(Manifest(files: bundle.files).text.utf8)
    return files
  }

  private static func digest(_ files: [String: [UInt8]]) -> String {
    SHA256Digest(of: files["SHA256SUMS"] ?? []).hex
  }

  private static func record(
    _ role: String, _ meaning: SignOffState.Record.Meaning, _ files: [String: [UInt8]],
    email: String? = nil, environment: String = "rehearsal",
    at time: String = "2025-11-28T09:00:00Z",
    item: String? = nil, on day: String? = nil, manifest: String? = nil
  ) -> PersonRecord {
    PersonRecord(
      manifestSHA256: manifest ?? digest(files), environment: environment, role: role,
      name: "Someone", email: email ?? demand.email(of: role) ?? "x@example.com",
      meaning: meaning, signedAt: Timestamp(utc: time) ?? Timestamp(microseconds: 0),
      comment: nil, item: item, performedOn: day.flatMap { CalendarDay($0) })
  }

  /// The bundle with records, whose signatures are as told.
  private static func judged(
    _ files: [String: [UInt8]], _ records: [(String, PersonRecord)],
    signature: Verification.Signature? = .valid, strange: [String] = [],
    previous: String? = nil
  ) -> Verification {
    var files = files
    for (name, record) in records { files["approvals/\(name).json"] = Array(record.text.utf8) }
    let stored = StoredBundle(files: files, strange: strange)
    let signatures = Dictionary(
      uniqueKeysWithValues: stored.records.compactMap { entry in
        signature.map { (entry.file, $0) }
      })
    return Verification(
      stored, signatures: signatures,
      envelope: EnvelopeState(nil, statement: nil, key: nil), previousManifestSHA256: previous)
  }

  private static func everyone(_ files: [String: [UInt8]]) -> [(String, PersonRecord)] {
    [
      ("qa_lead", record("qa_lead", .approved, files)),
      ("data_owner", record("data_owner", .approved, files)),
      ("uat.report", record("data_owner", .accepted, files, item: "shop.uat.report.accepted")),
      (
        "rollback.rehearsal",
        record(
          "qa_lead", .accepted, files, item: "shop.rollback.rehearsal.rehearsed", on: "2025-11-20")
      ),
    ]
  }

  @Test("signed by everyone it is verified; without one of them it is not")
  func complete() {
    let files = Self.files()
    let all = Self.everyone(files)
    let whole = Self.judged(files, all)
    #expect(whole.conclusion == .verified, "\(whole)")
    #expect(whole.signOff.records.count == 4)
    for position in all.indices {
      var some = all
      let (name, _) = some.remove(at: position)
      let part = Self.judged(files, some)
      #expect(part.conclusion == .incomplete, "\(name)")
      #expect(part.signOff.open.count == 1, "\(part.signOff.open)")
    }
    #expect(Self.judged(files, []).signOff.open.count == 4)
  }

  @Test("every byte counts: each file, changed, taken away or swapped, is noticed")
  func tampering() {
    let files = Self.files()
    let records = Self.everyone(files)
    for name in files.keys.sorted() {
      for (position, mask) in [(0, 1), (files[name]!.count / 2, 32), (files[name]!.count - 1, 4)] {
        guard files[name]!.indices.contains(position) else { continue }
        var changed = files
        changed[name]![position] ^= UInt8(mask)
        let found = Self.judged(changed, records)
        #expect(found.conclusion == .tampered, "\(name), byte \(position): \(found)")
      }
      var fewer = files
      fewer[name] = nil
      #expect(Self.judged(fewer, records).conclusion == .tampered, "without \(name)")
      for other in files.keys.sorted() where other > name {
        var swapped = files
        (swapped[name], swapped[other]) = (files[other], files[name])
        let found = Self.judged(swapped, records)
        #expect(found.conclusion == .tampered, "\(name) and \(other) swapped")
      }
    }
    var more = files
    more["extra.txt"] = [1]
    #expect(Self.judged(more, records).conclusion == .tampered)
    #expect(Self.judged(files, records, strange: ["link"]).conclusion == .tampered)
    more = files
    more["approvals/note.txt"] = [1]
    #expect(Self.judged(more, records).conclusion == .tampered)
  }

  @Test("a manifest made anew does not hide that files do not fit each other")
  func remade() {
    for name in ["spec.yml", "datasets.json", "results.json", "report.json", "plan.json"] {
      var files = Self.files()
      // Valid JSON still, and another meaning or another layout.
      files[name]! = files[name]! + Array(" \n".utf8)
      let names = StoredBundle.required
      files["SHA256SUMS"] = Array(
        Manifest(files: names.map { ($0, files[$0]!) }).text.utf8)
      #expect(Self.judged(files, []).conclusion == .tampered, "\(name)")
    }
  }

  @Test(
    "records that do not count",
    arguments: [
      ("qa_lead", "role", "is of the role"), ("qa_lead", "email", "the spec names"),
      ("qa_lead", "environment", "is about the environment"),
      ("qa_lead", "early", "before the run"),
      ("qa_lead", "manifest", "another bundle"), ("data_owner", "name", "is the record of"),
      ("qa_lead.x", "number", "is the record of"), ("uat.report", "approver", "was asked"),
      ("uat.other", "item", "nobody asked"), ("rollback.rehearsal", "old", "must not be before"),
      ("rollback.rehearsal", "late", "after the run began"),
      ("rollback.rehearsal", "undated", "does not say on which day"),
      ("uat.report", "dated", "was not asked for"),
    ])
  func refused(_ name: String, _ kind: String, _ words: String) {
    let files = Self.files()
    let rehearsal = "shop.rollback.rehearsal.rehearsed"
    let report = "shop.uat.report.accepted"
    let record =
      switch kind {
      case "role": Self.record("boss", .approved, files)
      case "email": Self.record("qa_lead", .approved, files, email: "mallory@example.com")
      case "environment": Self.record("qa_lead", .approved, files, environment: "production")
      case "early": Self.record("qa_lead", .approved, files, at: "2025-11-28T03:20:01Z")
      case "manifest": Self.record("qa_lead", .approved, files, manifest: "00")
      case "approver": Self.record("qa_lead", .accepted, files, item: report)
      case "item": Self.record("data_owner", .accepted, files, item: "shop.uat.other.accepted")
      case "old": Self.record("qa_lead", .accepted, files, item: rehearsal, on: "2025-11-13")
      case "late": Self.record("qa_lead", .accepted, files, item: rehearsal, on: "2025-11-29")
      case "undated": Self.record("qa_lead", .accepted, files, item: rehearsal)
      case "dated": Self.record("data_owner", .accepted, files, item: report, on: "2025-11-20")
      default: Self.record("qa_lead", .approved, files)
      }
    let file = kind == "role" ? "boss" : name
    let found = Self.judged(files, [(file, record)])
    #expect(found.conclusion == .tampered)
    #expect(found.signOff.problems.first?.contains(words) == true, "\(found.signOff.problems)")
    #expect(found.signOff.records.isEmpty)
  }

  @Test("signatures that are bad, missing or not checked are three different things")
  func signatures() {
    let files = Self.files()
    let all = Self.everyone(files)
    #expect(Self.judged(files, all, signature: .invalid("no")).conclusion == .tampered)
    #expect(Self.judged(files, all, signature: nil).conclusion == .tampered)
    let unchecked = Self.judged(files, all, signature: .unchecked("no ssh-keygen"))
    #expect(unchecked.conclusion == .couldNotCheck)
    #expect(unchecked.unchecked.count == 4)
  }

  @Test("the newest record of a role counts")
  func newest() {
    let files = Self.files()
    var all = Self.everyone(files)
    all.append(
      ("qa_lead.2", Self.record("qa_lead", .withdrawn, files, at: "2025-11-28T10:00:00Z")))
    let withdrawn = Self.judged(files, all)
    #expect(withdrawn.conclusion == .incomplete)
    #expect(withdrawn.signOff.open == ["qa_lead (carol@example.com) has withdrawn the approval"])
    #expect(withdrawn.signOff.records.count { $0.isSuperseded } == 1)
    // The same second: the number decides.
    all.append(
      ("qa_lead.3", Self.record("qa_lead", .approved, files, at: "2025-11-28T10:00:00Z")))
    #expect(Self.judged(files, all).conclusion == .verified)
    all.append(
      (
        "uat.report.2",
        Self.record(
          "data_owner", .rejected, files, at: "2025-11-28T11:00:00Z",
          item: "shop.uat.report.accepted")
      ))
    #expect(Self.judged(files, all).conclusion == .failed)
  }

  @Test(
    "a run that failed or could not check is not made good by signatures",
    arguments: [(Outcome.failed, Verification.Conclusion.failed), (.errored, .couldNotCheck)])
  func failed(_ outcome: Outcome, _ conclusion: Verification.Conclusion) {
    let files = Self.files(outcome)
    #expect(Self.judged(files, Self.everyone(files)).conclusion == conclusion)
  }

  @Test("a run of a part of the spec is never the whole")
  func partial() {
    let files = Self.files(selection: ["--select table:orders"])
    let found = Self.judged(files, Self.everyone(files))
    #expect(found.conclusion == .incomplete)
    #expect(found.signOff.open == ["only a part of the spec was run (--select table:orders)"])
  }

  @Test("the run before must be as it was")
  func chain() {
    let link = EvidenceBundle.Link(run: "parity-0", folder: "f", manifestSHA256: "aa")
    let files = Self.files(previous: link)
    let all = Self.everyone(files)
    #expect(Self.judged(files, all, previous: "aa").conclusion == .verified)
    #expect(Self.judged(files, all, previous: "bb").conclusion == .tampered)
    let alone = Self.judged(files, all)
    #expect(alone.conclusion == .verified)
    #expect(alone.remarks.contains { $0.contains("was not followed") })
  }

  @Test("a record is read as it was written, and nothing looser")
  func records() throws {
    let record = Self.record("qa_lead", .approved, Self.files())
    #expect(try PersonRecord(Array(record.text.utf8)) == record)
    for (old, new) in [
      ("\"approved\"", "\"maybe\""), ("\"approved\"", "\"accepted\""), ("\"role\"", "\"rule\""),
      ("2025-11-28T09:00:00Z", "today"), ("\"sha256\"", "\"md5\""), ("{", "["),
      ("\"comment\": null", "\"comment\": 1"),
    ] {
      let text = record.text.replacing(old, with: new)
      #expect(text != record.text)
      #expect(throws: PersonRecord.Mistake.self, "\(new)") { try PersonRecord(Array(text.utf8)) }
    }
  }

  @Test(
    "a manifest is read as it is written, and nothing looser",
    arguments: [
      "", "a", "\n", "\(String(repeating: "a", count: 64)) b\n",
      "\(String(repeating: "A", count: 64))  b\n", "\(String(repeating: "a", count: 64))  ../b\n",
      "\(String(repeating: "a", count: 64))  b", "\(String(repeating: "a", count: 64))  \n",
      "\(String(repeating: "a", count: 64))  b\n\(String(repeating: "b", count: 64))  b\n",
    ])
  func manifests(_ text: String) {
    #expect(throws: Manifest.Mistake.self) { try Manifest(parsing: Array(text.utf8)) }
  }

  @Test("an envelope holds the very statement, signed by the key that is at hand")
  func envelopes() throws {
    let pem = { (seed: UInt8) in
      let der: [UInt8] =
        [0x30, 0x2E, 2, 1, 0, 0x30, 5, 6, 3, 0x2B, 0x65, 0x70, 4, 0x22, 4, 0x20]
        + Array(repeating: seed, count: 32)
      return "-----BEGIN PRIVATE KEY-----\n\(base64(der))\n-----END PRIVATE KEY-----"
    }
    let key = try Ed25519Key(pem: Secret(pem(1)))
    let other = try Ed25519Key(pem: Secret(pem(2)))
    let statement = Array("{}".utf8)
    let bytes = Array(try Envelope(signing: statement, with: key).text.utf8)
    func state(_ bytes: [UInt8]?, _ key: Ed25519PublicKey?) -> EnvelopeState {
      EnvelopeState(bytes, statement: statement, key: key)
    }
    func isWrong(_ state: EnvelopeState) -> Bool {
      if case .wrong = state { true } else { false }
    }
    let name = SHA256Digest(of: key.publicKey.der).hex
    #expect(state(bytes, key.publicKey) == .valid(keyID: name))
    #expect(state(bytes, nil) == .unchecked(keyID: name))
    #expect(state(nil, nil) == .absent)
    #expect(isWrong(state(nil, key.publicKey)))
    #expect(isWrong(state(bytes, other.publicKey)))
    #expect(isWrong(EnvelopeState(bytes, statement: [1], key: nil)))
    #expect(isWrong(state([1], nil)))
  }

  private func base64(_ bytes: [UInt8]) -> String {
    let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    var text = ""
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let part = bytes[start..<min(start + 3, bytes.count)]
      let padded = Array(part) + Array(repeating: 0, count: 3 - part.count)
      let number = padded.reduce(0) { $0 << 8 | Int($1) }
      for position in 0..<4 {
        text.append(
          position <= part.count ? letters[number >> (18 - 6 * position) & 63] : "=")
      }
    }
    return text
  }
}
