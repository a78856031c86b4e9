package import SpecCore

/// What a bundle and what people signed of it come to.
package struct Verification: Hashable, Sendable {
  /// What was changed, added or taken away; anything here means that nothing can be relied on.
  package var tampered: [String] = []
  /// Why the run itself is no success, or what people answered with no.
  package var failed: [String] = []
  /// What could not be looked at, with what would help.
  package var unchecked: [String] = []
  /// Who signed what, and what is open.
  package var signOff = SignOffState()
  /// What a reader should know although it changes nothing.
  package var remarks: [String] = []
  /// Whether the spec asks anybody to sign.
  package var isAsked = false

  /// The judgement in one word.
  package enum Conclusion: String, Hashable, Sendable {
    /// Intact, passed, and signed by everyone who should.
    case verified
    /// Something is not as it was when it was made or signed.
    case tampered
    /// Intact, but the run failed or somebody said no.
    case failed
    case couldNotCheck = "could_not_check"
    /// Intact and passed, but not everyone has signed.
    case incomplete
  }

  package var conclusion: Conclusion {
    if !tampered.isEmpty || !signOff.problems.isEmpty { return .tampered }
    if !failed.isEmpty { return .failed }
    if !unchecked.isEmpty { return .couldNotCheck }
    return signOff.open.isEmpty ? .verified : .incomplete
  }

  /// What ssh-keygen says of a record's signature.
  package enum Signature: Hashable, Sendable {
    case valid
    /// With its own words.
    case invalid(String)
    /// Why nobody could look.
    case unchecked(String)
  }

  /// Judges a bundle.
  ///
  /// `signatures` is what is known of the signature of each record, by the record's file;
  /// `previousManifestSHA256` the manifest of the bundle that this one names as the one before,
  /// `nil` where it is not at hand.
  package init(
    _ bundle: StoredBundle, signatures: [String: Signature], envelope: EnvelopeState,
    previousManifestSHA256: String?
  ) {
    tampered = bundle.problems
    remarks = bundle.remarks
    switch envelope {
    case .absent: remarks.append("the statement is in no envelope: no machine signed it")
    case .unchecked(let key):
      remarks.append("the envelope was not checked: no --public-key for key \(key.prefix(16))")
    case .valid(let key): remarks.append("the statement is signed by the key \(key.prefix(16))")
    case .wrong(let reason): tampered.append("statement.intoto.jsonl \(reason)")
    }
    guard let results = bundle.results else {
      if tampered.isEmpty { tampered.append("results.json is missing") }
      return
    }
    isAsked = results.demand != nil || !results.asked.isEmpty
    judge(results)
    chain(results, previousManifestSHA256)
    signOff(bundle, results, signatures)
    if !results.selection.isEmpty {
      signOff.open.append(
        "only a part of the spec was run (\(results.selection.joined(separator: " ")))")
    }
  }

  private mutating func judge(_ results: StoredResults) {
    let failures = results.count(.failed)
    let errors = results.count(.error)
    switch results.conclusion {
    case "passed" where failures + errors == 0: break
    case "failed":
      failed.append("the run failed: \(counted(failures, "check")) failed")
    case "could_not_check", "interrupted", "nothing_selected":
      unchecked.append(
        results.conclusion == "interrupted"
          ? "the run was interrupted before its end: run it again"
          : "the run could not check everything (\(counted(errors, "check"))): see its report, and "
            + "run it again")
    default:
      tampered.append(
        "results.json calls the run `\(results.conclusion)`, which its checks do not bear out")
    }
    if results.conclusion != "passed", results.conclusion != "failed", failures > 0 {
      failed.append("the run failed: \(counted(failures, "check")) failed")
    }
  }

  private mutating func chain(_ results: StoredResults, _ manifest: String?) {
    guard let previous = results.previous else {
      remarks.append("the first run of its chain")
      return
    }
    guard let manifest else {
      remarks.append("the run before, \(previous.folder), is not here: the chain was not followed")
      return
    }
    if manifest == previous.manifestSHA256 {
      remarks.append("the run before, \(previous.folder), is the one this run was made after")
    } else {
      tampered.append("the run before, \(previous.folder), was changed since this run was made")
    }
  }

  // MARK: People

  private mutating func signOff(
    _ bundle: StoredBundle, _ results: StoredResults, _ signatures: [String: Signature]
  ) {
    var standing: [(file: String, record: PersonRecord)] = []
    for (file, record) in bundle.records {
      if let problem = problem(of: record, in: file, bundle, results) {
        signOff.problems.append("\(file) \(problem)")
        continue
      }
      switch signatures[file] {
      case .valid: standing.append((file, record))
      case .invalid(let words):
        signOff.problems.append("\(file) is not signed by \(record.email): \(words)")
      case .unchecked(let reason):
        unchecked.append("the signature of \(file) was not checked: \(reason)")
      case nil: signOff.problems.append("\(file) is not signed: there is no \(file).sig")
      }
    }
    standing.sort {
      ($0.record.signedAt, Self.number($0.file)) < ($1.record.signedAt, Self.number($1.file))
    }
    var newest: [String: PersonRecord] = [:]
    for (_, record) in standing { newest[record.stem] = record }
    signOff.records = standing.map { file, record in
      SignOffState.Record(
        file: file, item: record.item, role: record.role, name: record.name, email: record.email,
        meaning: record.meaning, signedAt: record.signedAt, performedOn: record.performedOn,
        comment: record.comment, isSuperseded: newest[record.stem] != record)
    }
    answers(results, newest)
    approvals(results, newest)
  }

  /// `approvals/qa_lead.2.json` is the second; `approvals/qa_lead.json` the first.
  private static func number(_ file: String) -> Int {
    file.split(separator: ".").dropLast().last.flatMap { Int($0) } ?? 1
  }

  private mutating func answers(
    _ results: StoredResults, _ newest: [String: PersonRecord]
  ) {
    for item in results.asked {
      let about = "\(PersonRecord.stem(ofItem: item.id)): \(item.question)"
      guard let record = newest[PersonRecord.stem(ofItem: item.id)] else {
        signOff.open.append("not answered by \(item.approver) yet: \(about)")
        continue
      }
      if record.meaning == .rejected {
        let why = record.comment.map { ": \($0)" } ?? ""
        failed.append("\(record.name) (\(record.role)) answered no to \(about)\(why)")
      }
    }
  }

  private mutating func approvals(
    _ results: StoredResults, _ newest: [String: PersonRecord]
  ) {
    let required = results.demand?.required ?? []
    for signer in required {
      switch newest[signer.role]?.meaning {
      case .approved: break
      case .withdrawn:
        signOff.open.append("\(signer.role) (\(signer.email)) has withdrawn the approval")
      default: signOff.open.append("\(signer.role) (\(signer.email)) has not signed")
      }
    }
    let roles = Dictionary(
      grouping: newest.values.filter { $0.meaning == .approved && $0.item == nil }, by: \.email)
    for (email, records) in roles.sorted(by: { $0.key < $1.key }) where records.count > 1 {
      remarks.append(
        "\(email) signed for \(records.map(\.role).sorted().joined(separator: " and "))")
    }
  }

  /// Why a record does not count, whoever signed it; to stand behind its file's name.
  private func problem(
    of record: PersonRecord, in file: String, _ bundle: StoredBundle, _ results: StoredResults
  ) -> String? {
    let name = file.dropFirst("approvals/".count).dropLast(".json".count)
    let rest = name.hasPrefix(record.stem) ? name.dropFirst(record.stem.count) : "?"
    guard rest.isEmpty || rest.first == "." && (Int(rest.dropFirst()) ?? 0) > 1 else {
      return "is the record of \(record.stem)"
    }
    if record.manifestSHA256 != bundle.manifestSHA256 { return "is about another bundle" }
    if record.environment != results.environment {
      return "is about the environment \(record.environment), not \(results.environment)"
    }
    if record.signedAt < results.finishedAt { return "was signed before the run had ended" }
    let wanted: String
    if let id = record.item {
      guard let item = results.asked.first(where: { $0.id == id }) else {
        return "answers \(id), which nobody asked"
      }
      if item.approver != record.role {
        return "is an answer of \(record.role); \(item.approver) was asked"
      }
      if let problem = Self.problem(of: record.performedOn, item, results.startedAt) {
        return problem
      }
      wanted = record.role
    } else {
      wanted = record.role
    }
    guard let email = results.demand?.email(of: wanted) else {
      return "is of the role \(wanted), which the spec does not ask to sign"
    }
    return email == record.email
      ? nil : "is of \(record.email); the spec names \(email) as \(wanted)"
  }

  /// Why a day is not one that the question accepts; `nil` where it is.
  package static func problem(
    of day: CalendarDay?, _ item: StoredResults.Asked, _ startedAt: Timestamp
  ) -> String? {
    guard let within = item.within else {
      return day == nil ? nil : "names a day, which was not asked for"
    }
    guard let day else { return "does not say on which day it happened" }
    let earliest = Timestamp(microseconds: startedAt.microseconds - Int64(within * 1_000_000))
    // Whole days: the day on which the span begins counts.
    if day < earliest.day {
      return "says it happened on \(day), but it must not be before \(earliest.day)"
    }
    return day > startedAt.day ? "says it happened on \(day), after the run began" : nil
  }
}
