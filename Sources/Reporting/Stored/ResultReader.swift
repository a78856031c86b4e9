import Diagnostics
package import SpecCore

/// Reads what `JSONReporter` wrote, so that every report can be made again without a database.
///
/// Members that it does not know are ignored, as the format promises; a number, word or list that
/// contradicts the cases is refused, because a summary that was changed must not be believed.
package struct ResultReader: Sendable {
  package init() {}

  /// The run of a `parity.run/1` document.
  package func read(_ text: String) throws(ResultReadError) -> RunResult {
    let document: JSONValue
    do throws(JSONParseError) {
      document = try JSONValue.parse(text)
    } catch {
      throw ResultReadError(
        path: ".", reason: "not JSON: \(error.reason) (byte \(error.offset))")
    }
    return try read(document)
  }

  /// The run of a document that was parsed already.
  package func read(_ document: JSONValue) throws(ResultReadError) -> RunResult {
    let root = JSONCursor(document)
    let format = try root.text("format")
    guard format == JSONReporter.format else {
      throw ResultReadError(
        path: ".format",
        reason: "the format is \"\(format)\"; this version reads \"\(JSONReporter.format)\"")
    }
    let run = try run(root)
    if let difference = contradiction(
      between: document, and: JSONReporter().value(of: run), path: "")
    {
      throw difference
    }
    return run
  }

  private func run(_ root: JSONCursor) throws(ResultReadError) -> RunResult {
    let spec = try spec(root.member("spec"))
    var interruption: RunResult.Interruption?
    if let cursor = try root.optional("interruption") { interruption = try cursor.word() }
    var run = RunResult(
      runID: try root.text("run_id"), toolVersion: try root.member("tool").text("version"),
      spec: spec, environment: try root.optionalText("environment"),
      operatorName: try root.text("operator"), hostName: try root.text("host"),
      startedAt: try root.time("started_at"), finishedAt: try root.time("finished_at"),
      source: try side(root.member("source")), target: try side(root.member("target")),
      exceptions: try root.list("exceptions", exception), suites: try suites(root, spec),
      interruption: interruption, strict: try root.member("strict").flag())
    run.command = try root.optionalText("command")
    run.asked = try root.optionalList("asked") { item throws(ResultReadError) in
      AskedItem(
        id: try id(item.member("id"), spec), clause: try item.text("clause"),
        question: try item.text("question"), approver: try item.text("approver"),
        within: try item.optionalNumber("within_seconds"), range: try range(item))
    }
    if let demand = try root.optional("sign_off") {
      run.signOff = SignOffDemand(
        signers: try demand.optionalText("signers"),
        required: try demand.list("required") { signer throws(ResultReadError) in
          SignOffDemand.Signer(role: try signer.text("role"), email: try signer.text("email"))
        })
    }
    return run
  }

  private func spec(_ spec: JSONCursor) throws(ResultReadError) -> SpecIdentity {
    SpecIdentity(
      path: try spec.text("path"), name: try spec.text("name"), slug: try spec.text("slug"),
      sha256: try spec.text("sha256"), owner: try spec.optionalText("owner"),
      description: try spec.optionalText("description"))
  }

  // MARK: Sides

  private func side(_ side: JSONCursor) throws(ResultReadError) -> RunResult.SideResult {
    let status = try side.member("status")
    let outcome: RunResult.SideResult.Outcome
    switch try status.text() {
    case "connected": outcome = .connected(try facts(side))
    case "failed":
      let error = try side.member("error")
      outcome = .failed(
        DatabaseError(
          try error.member("type").word(), try error.text("message"),
          hint: try error.optionalText("hint"), code: try error.optionalText("code"),
          queryID: try error.optionalText("query_id")))
    case "not_tried": outcome = .notTried
    case let other: throw status.mistake("\"\(other)\" is no state of a side")
    }
    return RunResult.SideResult(declared: try side.text("declared"), outcome: outcome)
  }

  private func facts(_ side: JSONCursor) throws(ResultReadError) -> SideFacts {
    let encryption = try side.member("encryption")
    guard let link = LinkProtection(words: try encryption.text()) else {
      throw encryption.mistake("not known as the protection of a connection")
    }
    return SideFacts(
      engine: try side.text("engine"), version: try side.text("version"),
      name: try side.text("name"), fingerprint: try side.text("fingerprint"),
      role: try side.text("role"), readPoint: try side.text("read_point"),
      readAt: try side.time("read_at"), link: link, replica: try side.optionalText("replica"),
      notes: try side.texts("notes"))
  }

  // MARK: Parts

  private func exception(_ cursor: JSONCursor) throws(ResultReadError) -> SpecException {
    SpecException(
      subject: try cursor.text("subject"), sentence: try cursor.text("sentence"),
      because: try cursor.optionalText("because"), range: try range(cursor))
  }

  /// The suites, each with as many of the cases as it says, in their order.
  private func suites(
    _ root: JSONCursor, _ spec: SpecIdentity
  ) throws(ResultReadError) -> [SuiteResult] {
    let list = try root.member("cases")
    var rest = try list.elements()[...]
    var suites: [SuiteResult] = []
    for suite in try root.member("suites").elements() {
      let name = try suite.text("name")
      let count = try suite.member("cases")
      let number = try count.integer()
      guard number >= 0, number <= rest.count else {
        throw count.mistake("there are not so many cases")
      }
      var cases: [CaseResult] = []
      for cursor in rest.prefix(number) {
        guard try cursor.text("suite") == name else {
          throw cursor.mistake("the case is of another suite than \"\(name)\"")
        }
        cases.append(try JSONCaseReader(spec: spec).read(cursor))
      }
      rest = rest.dropFirst(number)
      suites.append(
        SuiteResult(
          name: name, startedAt: try suite.time("started_at"),
          seconds: try suite.number("seconds"), cases: cases))
    }
    if let left = rest.first { throw left.mistake("the case belongs to no suite") }
    return suites
  }

  // MARK: What contradicts itself

  /// The first place where a document says something else than what follows from what was read.
  ///
  /// Members that are only in the document are of later versions; those that are not in it are
  /// fine where there is nothing to say.
  private func contradiction(
    between given: JSONValue, and derived: JSONValue, path: String
  ) -> ResultReadError? {
    switch (given, derived) {
    case (.object, .object(let members)):
      for (name, value) in members {
        let isNothing = value == .null || value == .array([])
        guard let other = given[name] else {
          if isNothing { continue }
          return ResultReadError(path: path.isEmpty ? "." : path, reason: "\(name) is missing")
        }
        if let found = contradiction(between: other, and: value, path: "\(path).\(name)") {
          return found
        }
      }
      return nil
    case (.array(let left), .array(let right)):
      guard left.count == right.count else {
        return ResultReadError(
          path: path, reason: "has \(left.count) elements, the cases give \(right.count)")
      }
      for (index, pair) in zip(left, right).enumerated() {
        if let found = contradiction(between: pair.0, and: pair.1, path: "\(path)[\(index)]") {
          return found
        }
      }
      return nil
    case (.integer(let left), .number(let right)) where Double(left) == right: return nil
    default:
      if given == derived { return nil }
      return ResultReadError(
        path: path,
        reason: "is \(brief(given)), but what the document holds gives \(brief(derived))")
    }
  }

  private func brief(_ value: JSONValue) -> String {
    cut(oneLine(redacted(value.rendered(indent: 0))), to: 60)
  }
}

/// Where the spec asks for something; only the line is stored.
func range(_ cursor: JSONCursor) throws(ResultReadError) -> SourceRange {
  let start = SourcePosition(line: try cursor.integer("line"), column: 1, offset: 0)
  return SourceRange(file: try cursor.text("file"), start: start, end: start)
}

/// The parts of an id, whose first one is the spec's.
///
/// `check` is what stands behind the object, where it is known; else it begins at the fourth part.
func id(
  _ cursor: JSONCursor, _ spec: SpecIdentity, check: String? = nil
) throws(ResultReadError) -> CheckID {
  let whole = try cursor.text()
  func parts(_ text: Substring, _ count: Int) -> [String] {
    text.split(separator: ".", maxSplits: count - 1, omittingEmptySubsequences: false)
      .map(String.init)
  }
  let prefix = spec.slug + "."
  let first = whole.hasPrefix(prefix) ? spec.slug : parts(whole[...], 2)[0]
  let rest = whole.dropFirst(first.count + 1)
  guard let check else {
    let names = parts(rest, 3)
    guard names.count == 3 else { throw cursor.mistake("not the id of a check") }
    return CheckID(spec: first, section: names[0], object: names[1], check: names[2])
  }
  guard rest.hasSuffix("." + check) else {
    throw cursor.mistake("the id does not end in the check \"\(check)\"")
  }
  let names = parts(rest.dropLast(check.count + 1), 2)
  return CheckID(
    spec: first, section: names[0], object: names.count > 1 ? names[1] : "", check: check)
}

extension LinkProtection {
  /// Reads what `description` says; `nil` for anything else.
  init?(words: String) {
    switch words {
    case LinkProtection.loopback.description: self = .loopback
    case LinkProtection.none.description: self = .none
    case LinkProtection.gssapi.description: self = .gssapi
    default:
      for identity in [Identity.verified, .certificateOnly, .unknown]
      where words.hasSuffix(", " + identity.rawValue) {
        let rest = words.dropLast(identity.rawValue.count + 2)
        let parts = rest.split(separator: ", ", maxSplits: 1).map(String.init)
        guard let version = parts.first else { return nil }
        self = .tls(
          protocol: version, cipher: parts.count > 1 ? parts[1] : nil, identity: identity)
        return
      }
      return nil
    }
  }
}
