import Cryptography
package import SpecCore

/// A bundle as it lies in its folder, with what is wrong with it.
package struct StoredBundle: Sendable {
  /// By their paths from the bundle's folder.
  package let files: [String: [UInt8]]
  /// What is wrong, each in a sentence.
  package private(set) var problems: [String] = []
  /// The run in short; `nil` where `results.json` cannot be read.
  package private(set) var results: StoredResults?
  /// Every record of a person that can be read, by its file's name.
  package private(set) var records: [(file: String, record: PersonRecord)] = []
  /// Remarks that change nothing.
  package private(set) var remarks: [String] = []

  /// The files that each bundle has.
  package static let required = [
    "spec.yml", "plan.json", "datasets.json", "results.json", "report.json", "junit.xml",
    "report.html", "log.jsonl", "statement.json",
  ]
  /// Files that the manifest cannot name, because they come after it.
  private static let later = ["SHA256SUMS", "statement.intoto.jsonl"]

  /// SHA-256 of the manifest: what people sign.
  package var manifestSHA256: String { SHA256Digest(of: files["SHA256SUMS"] ?? []).hex }

  /// Looks at everything that can be judged without keys.
  ///
  /// `strange` are paths of what is no regular file, or lies where nothing should.
  package init(files: [String: [UInt8]], strange: [String] = []) {
    self.files = files
    problems += strange.sorted().map { "\($0) does not belong into a bundle" }
    readManifest()
    readResults()
    readStatement()
    readRecords()
  }

  private mutating func readManifest() {
    guard let bytes = files["SHA256SUMS"] else {
      problems.append("SHA256SUMS is missing: nothing says what the files were")
      return
    }
    let manifest: Manifest
    do throws(Manifest.Mistake) {
      manifest = try Manifest(parsing: bytes)
    } catch {
      problems.append("SHA256SUMS \(error.reason)")
      return
    }
    let listed = Set(manifest.entries.map(\.name))
    for name in Self.required where !listed.contains(name) {
      problems.append("SHA256SUMS does not name \(name)")
    }
    for entry in manifest.entries {
      guard let bytes = files[entry.name] else {
        problems.append("\(entry.name) is missing")
        continue
      }
      if SHA256Digest(of: bytes).hex != entry.sha256 {
        problems.append("\(entry.name) is not what it was when the run ended")
      }
    }
    for name in files.keys.sorted() where !listed.contains(name) && !Self.later.contains(name) {
      if !name.hasPrefix("approvals/") { problems.append("\(name) was added later") }
    }
  }

  private mutating func readResults() {
    guard let document = read("results.json") else { return }
    guard let results = StoredResults(document) else {
      problems.append("results.json is no summary of a run that this version understands")
      return
    }
    self.results = results
    if let spec = files["spec.yml"], SHA256Digest(of: spec).hex != results.specSHA256 {
      problems.append("results.json is about another spec than spec.yml")
    }
    if results.verdict != results.derivedVerdict {
      problems.append(
        "results.json says \(results.verdict), but its checks come to \(results.derivedVerdict)")
    }
    if let report = read("report.json") {
      if report["run_id"]?.text != results.run || report["conclusion"]?.text != results.conclusion
        || report["spec"]?["sha256"]?.text != results.specSHA256
      {
        problems.append("report.json is about another run than results.json")
      }
      if let document = read("results.json"),
        report["asked"] != document["asked"] || report["sign_off"] != document["sign_off"]
      {
        problems.append("report.json asks other people than results.json")
      }
    }
  }

  private mutating func readStatement() {
    guard let statement = read("statement.json") else { return }
    func isNamed(_ name: String, in list: JSONValue?) -> Bool {
      guard let bytes = files[name] else { return true }
      let digest = SHA256Digest(of: bytes).hex
      return list?.elements?.contains {
        $0["name"]?.text == name && $0["digest"]?["sha256"]?.text == digest
      } ?? false
    }
    let predicate = statement["predicate"]
    if statement["predicateType"]?.text != EvidenceBundle.predicateType {
      problems.append("statement.json is no statement about test results")
    }
    if !isNamed("datasets.json", in: statement["subject"]) {
      problems.append("statement.json is about another datasets.json")
    }
    for name in ["spec.yml", "plan.json", "results.json", "report.json"]
    where !isNamed(name, in: predicate?["configuration"]) {
      problems.append("statement.json names another \(name)")
    }
    guard let results else { return }
    if predicate?["result"]?.text != results.verdict {
      problems.append("statement.json has another verdict than results.json")
    }
    let lists: [(String, Set<RecordedStatus>)] = [
      ("passedTests", [.passed]), ("warnedTests", [.warned]), ("failedTests", [.failed, .error]),
    ]
    for (list, statuses) in lists {
      let named = predicate?[list]?.elements?.compactMap(\.text).sorted() ?? []
      let known = results.checks.filter { statuses.contains($0.status) }.map(\.id).sorted()
      if named != known { problems.append("statement.json has other \(list) than results.json") }
    }
  }

  private mutating func readRecords() {
    for name in files.keys.sorted() where name.hasPrefix("approvals/") {
      if name.hasSuffix(".sig") {
        if files[String(name.dropLast(4))] == nil {
          remarks.append("\(name) is a signature of nothing")
        }
        continue
      }
      guard name.hasSuffix(".json") else {
        problems.append("\(name) was added later, and is no record")
        continue
      }
      do throws(PersonRecord.Mistake) {
        let record = try PersonRecord(files[name] ?? [])
        records.append((name, record))
      } catch {
        problems.append("\(name) \(error.reason)")
      }
    }
  }

  /// A JSON file of the bundle; one that is no JSON is a problem.
  private mutating func read(_ name: String) -> JSONValue? {
    guard let bytes = files[name] else { return nil }
    guard let text = String(validating: bytes, as: UTF8.self),
      let document = try? JSONValue.parse(text)
    else {
      problems.append("\(name) is not JSON")
      return nil
    }
    return document
  }
}

/// `results.json`, as far as people's records refer to it.
package struct StoredResults: Hashable, Sendable {
  package let run: String
  package let environment: String
  package let verdict: String
  package let conclusion: String
  package let startedAt: Timestamp
  package let finishedAt: Timestamp
  package let specPath: String
  package let specName: String
  package let specSHA256: String
  package let checks: [Check]
  package let asked: [Asked]
  /// `nil` where the spec asks nobody to sign.
  package let demand: SignOffDemand?
  package let previous: EvidenceBundle.Link?
  /// The words that selected a part of the spec; none where all of it was run.
  package let selection: [String]

  package struct Check: Hashable, Sendable {
    package let id: String
    package let status: RecordedStatus
  }

  /// A question to a person.
  package struct Asked: Hashable, Sendable {
    package let id: String
    package let question: String
    /// The role whose answer counts.
    package let approver: String
    /// What is attested happened at most so many seconds before the run; `nil` where no day is
    /// asked for.
    package let within: Double?
  }

  /// Reads the document; `nil` where anything is missing.
  package init?(_ document: JSONValue) {
    guard document["schema"]?.text == "results/v1", let run = document["run"]?.text,
      let environment = document["environment"]?.text, let verdict = document["verdict"]?.text,
      let conclusion = document["conclusion"]?.text,
      let started = document["started"]?.text.flatMap({ Timestamp(utc: $0) }),
      let finished = document["finished"]?.text.flatMap({ Timestamp(utc: $0) }),
      let path = document["spec"]?["path"]?.text, let digest = document["spec"]?["sha256"]?.text,
      let name = document["spec"]?["name"]?.text,
      let selection = document["selection"]?.elements?.compactMap(\.text),
      let checks = document["checks"]?.elements, let asked = document["asked"]?.elements
    else { return nil }
    (self.run, self.environment, self.verdict) = (run, environment, verdict)
    (self.conclusion, startedAt, finishedAt) = (conclusion, started, finished)
    (specPath, specSHA256, specName) = (path, digest, name)
    self.selection = selection
    let readChecks = checks.compactMap { check in
      check["id"]?.text.flatMap { id in
        check["status"]?.text.flatMap(RecordedStatus.init(rawValue:)).map {
          Check(id: id, status: $0)
        }
      }
    }
    let readAsked = asked.compactMap { Asked($0) }
    guard readChecks.count == checks.count, readAsked.count == asked.count,
      Set(readChecks.map(\.id)).count == checks.count
    else { return nil }
    (self.checks, self.asked) = (readChecks, readAsked)
    switch document["sign_off"] {
    case .null: demand = nil
    case let value?:
      guard let required = value["required"]?.elements else { return nil }
      let signers = required.compactMap { entry in
        entry["role"]?.text.flatMap { role in
          entry["email"]?.text.map { SignOffDemand.Signer(role: role, email: $0) }
        }
      }
      guard signers.count == required.count else { return nil }
      demand = SignOffDemand(signers: value["signers"]?.text, required: signers)
    case nil: return nil
    }
    switch document["previous"] {
    case .null: previous = nil
    case let value?:
      guard let run = value["run"]?.text, let folder = value["folder"]?.text,
        let manifest = value["manifest_sha256"]?.text
      else { return nil }
      previous = EvidenceBundle.Link(run: run, folder: folder, manifestSHA256: manifest)
    case nil: return nil
    }
  }

  /// What the checks come to; a run without any proves nothing.
  package var derivedVerdict: String {
    let statuses = Set(checks.map(\.status))
    if statuses.contains(.failed) || statuses.contains(.error) { return "FAILED" }
    return statuses.contains(.warned) ? "WARNED" : "PASSED"
  }

  package func count(_ status: RecordedStatus) -> Int {
    checks.count { $0.status == status }
  }
}

extension StoredResults.Asked {
  fileprivate init?(_ value: JSONValue) {
    guard let id = value["id"]?.text, let question = value["question"]?.text,
      let approver = value["approver"]?.text
    else { return nil }
    var within: Double?
    switch value["within_seconds"] {
    case .integer(let seconds): within = Double(seconds)
    case .number(let seconds): within = seconds
    case .null: within = nil
    default: return nil
    }
    (self.id, self.question, self.approver, self.within) = (id, question, approver, within)
  }
}
