/// Reads JUnit XML as the many tools write it: pytest, Surefire, GoogleTest, jest-junit, PHPUnit,
/// nextest, CTest, Swift and others.
///
/// There is no standard. What a tool adds and Parity does not know is told, because it may mean that
/// a test failed.
struct JUnitReader {
  private var xml: XMLReader
  private var report = JUnitReport()
  /// Suites that are open, by their positions; `nil` for `<testsuites>`.
  private var open: [Frame] = []
  private var unknown: [String] = []
  private var hasStrayText = false
  private var suiteTime: JUnitTime?
  private var caseTime: JUnitTime?

  private struct Frame {
    let position: Int?
    let title: String
    let claims: Claims
    let time: JUnitTime?
    var tally = JUnitReport.Tally()
  }

  /// What a suite's attributes say.
  private struct Claims {
    var tests: Int?
    var failed: Int?
    var skipped: Int?
  }

  /// The report of a file.
  static func read(_ bytes: [UInt8]) throws(JUnitProblem) -> JUnitReport {
    let blanks: [UInt8] = [0x20, 0x09, 0x0A, 0x0D]
    guard bytes.contains(where: { !blanks.contains($0) }) else { throw .empty }
    var root: String?
    do throws(XMLReader.Problem) {
      var reader = JUnitReader(xml: try XMLReader(bytes))
      root = try reader.readAll()
      if root == nil { return reader.report }
    } catch {
      throw .notXML(error)
    }
    throw .notJUnit(root: root ?? "")
  }

  private init(xml: XMLReader) { self.xml = xml }

  /// The root element's name, where it is not JUnit's.
  private mutating func readAll() throws(XMLReader.Problem) -> String? {
    while let event = try xml.next() {
      switch event {
      case .open(let name, let attributes):
        if open.isEmpty, name != "testsuites", name != "testsuite" { return name }
        try element(name, attributes)
      case .close: close()
      case .text(let text): noteStray(text)
      }
    }
    report.time = suiteTime ?? caseTime
    for name in unknown {
      report.contradictions.append(
        "it holds <\(name)>, which is not known here and may stand for a test that failed")
    }
    if hasStrayText {
      report.contradictions.append(
        "it holds text between its elements, where a report has none: was it changed by hand?")
    }
    return nil
  }

  /// Notes text between elements, which may once have been an element.
  private mutating func noteStray(_ text: XMLReader.Text) {
    if !xml.isBlank(text) { hasStrayText = true }
  }

  private mutating func element(
    _ name: String, _ attributes: [XMLReader.Attribute]
  ) throws(XMLReader.Problem) {
    switch name {
    case "testsuites" where open.isEmpty, "testsuite": begin(name, attributes)
    case "testcase": try readCase(attributes)
    case "failure", "error":
      // Something went wrong outside of any test.
      let message = try readMessage(attributes)
      let title = open.last?.title ?? ""
      count { $0.failed += 1 }
      if report.failures.count < JUnitReport.mostKept {
        report.failures.append(
          JUnitReport.Test(name: "\(title) (the suite itself)", message: message, suites: positions)
        )
      }
    default:
      if !Self.known.contains(name), !unknown.contains(name), unknown.count < 10 {
        unknown.append(name)
      }
      try skip()
    }
  }

  /// Elements of suites and tests that say nothing of success.
  private static let known: Set<String> = [
    "properties", "property", "system-out", "system-err", "attachments",
  ]

  // MARK: Suites

  private mutating func begin(_ element: String, _ attributes: [XMLReader.Attribute]) {
    let name = text(attributes, "name") ?? ""
    var position: Int?
    if element == "testsuite" {
      position = report.suites.count
      report.suites.append(JUnitReport.Suite(name: name, outer: positions.last))
    }
    let title = name.isEmpty ? "<\(element)>" : "suite \(name)"
    var claims = Claims()
    claims.tests = number(attributes, ["tests"], title)
    claims.failed = number(attributes, ["failures", "errors"], title)
    claims.skipped = number(attributes, ["skipped", "disabled", "ignored"], title)
    open.append(
      Frame(
        position: position, title: title, claims: claims,
        time: time(attributes) ?? open.last?.time))
  }

  private mutating func close() {
    guard let frame = open.popLast() else { return }
    if let position = frame.position { report.suites[position].tally = frame.tally }
    if open.isEmpty {
      report.total = frame.tally
    } else {
      open[open.count - 1].tally += frame.tally
    }
    let counted = [
      ("tests", frame.claims.tests, frame.tally.tests),
      ("failures and errors", frame.claims.failed, frame.tally.failed),
      ("skipped tests", frame.claims.skipped, frame.tally.skipped),
    ]
    for (what, claim, found) in counted {
      guard let claim, claim != found else { continue }
      let words =
        "the attributes of \(frame.title) tell of \(grouped(claim)) \(what), and there "
        + "\(found == 1 ? "is" : "are") \(grouped(found))"
      if claim > found {
        report.contradictions.append(words)
      } else {
        report.notes.append("\(words): what is there counts")
      }
    }
  }

  private var positions: [Int] { open.compactMap(\.position) }

  private mutating func count(_ change: (inout JUnitReport.Tally) -> Void) {
    guard !open.isEmpty else { return }
    change(&open[open.count - 1].tally)
  }

  // MARK: Tests

  private enum Outcome { case passed, skipped, failed }

  private mutating func readCase(
    _ attributes: [XMLReader.Attribute]
  ) throws(XMLReader.Problem) {
    let names = [text(attributes, "classname"), text(attributes, "name")]
    let name = names.compactMap { $0.flatMap { $0.isEmpty ? nil : $0 } }.joined(separator: ".")
    let told = Self.outcome(
      [text(attributes, "status"), text(attributes, "result")].compactMap(\.self))
    var outcome = Outcome.passed
    var message = ""
    var isFlaky = false
    var hasRerun = false
    reading: while let event = try xml.next() {
      switch event {
      case .close: break reading
      case .text(let text): noteStray(text)
      case .open(let element, let inner):
        switch element {
        case "failure", "error", "warning":
          let words = try readMessage(inner)
          if outcome != .failed { message = words }
          outcome = .failed
        case "skipped", "ignored":
          let words = try readMessage(inner)
          if outcome == .passed { (outcome, message) = (.skipped, words) }
        case "flakyFailure", "flakyError":
          let words = try readMessage(inner)
          if outcome == .passed, message.isEmpty { message = words }
          isFlaky = true
        case "rerunFailure", "rerunError":
          hasRerun = true
          try skip()
        default:
          if !Self.known.contains(element), !unknown.contains(element), unknown.count < 10 {
            unknown.append(element)
          }
          try skip()
        }
      }
    }
    if outcome == .passed {
      if told == .failed || hasRerun {
        // Only an attribute says so, or only the attempts are told: it is not a success.
        outcome = .failed
        message = told == .failed ? "its status tells of a failure" : "its repetitions failed"
      } else if told == .skipped {
        outcome = .skipped
      }
    }
    note(name.isEmpty ? "(a test without a name)" : name, outcome, isFlaky, message)
    if let time = open.last?.time {
      suiteTime = Self.earlier(suiteTime, time)
    } else if let time = time(attributes) {
      caseTime = Self.earlier(caseTime, time)
    }
  }

  private mutating func note(_ name: String, _ outcome: Outcome, _ isFlaky: Bool, _ message: String)
  {
    let test = JUnitReport.Test(name: name, message: message, suites: positions)
    count { $0.tests += 1 }
    func keep(_ list: WritableKeyPath<JUnitReport, [JUnitReport.Test]>) {
      if report[keyPath: list].count < JUnitReport.mostKept { report[keyPath: list].append(test) }
    }
    switch outcome {
    case .failed:
      count { $0.failed += 1 }
      keep(\.failures)
    case .skipped:
      count { $0.skipped += 1 }
      keep(\.skips)
    case .passed:
      guard isFlaky else { return }
      count { $0.flaky += 1 }
      keep(\.flakes)
    }
  }

  /// What GoogleTest, CTest, behave and others write beside or in place of an element.
  private static func outcome(_ words: [String]) -> Outcome {
    let words = words.map { $0.lowercased() }
    if words.contains(where: { ["fail", "failed", "failure", "error", "timeout"].contains($0) }) {
      return .failed
    }
    let unrun = [
      "notrun", "not_run", "suppressed", "disabled", "skipped", "untested", "ignored", "pending",
      "undefined",
    ]
    return words.contains(where: unrun.contains) ? .skipped : .passed
  }

  // MARK: Values

  /// The message of a failure: its own words, else its kind, else the first line of its text.
  private mutating func readMessage(
    _ attributes: [XMLReader.Attribute]
  ) throws(XMLReader.Problem) -> String {
    var inner = ""
    var depth = 1
    while depth > 0, let event = try xml.next() {
      switch event {
      case .open: depth += 1
      case .close: depth -= 1
      case .text(let text):
        if inner.isEmpty { inner = Self.line(xml.decoded(text, limit: 1_024)) }
      }
    }
    let message = Self.line(text(attributes, "message") ?? "")
    if !message.isEmpty { return message }
    if !inner.isEmpty { return inner }
    return Self.line(text(attributes, "type") ?? "")
  }

  /// The first line with anything on it, not too long.
  private static func line(_ text: String) -> String {
    for line in text.split(whereSeparator: \.isNewline) {
      let words = line.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      guard !words.isEmpty else { continue }
      return words.count > 300 ? "\(words.prefix(300))…" : words
    }
    return ""
  }

  private mutating func skip() throws(XMLReader.Problem) {
    var depth = 1
    while depth > 0, let event = try xml.next() {
      switch event {
      case .open: depth += 1
      case .close: depth -= 1
      case .text: break
      }
    }
  }

  private func text(_ attributes: [XMLReader.Attribute], _ name: String) -> String? {
    attributes.first { $0.name == name }.map { xml.decoded($0.value, limit: 1_024) }
  }

  /// The sum of the attributes that are there.
  private mutating func number(
    _ attributes: [XMLReader.Attribute], _ names: [String], _ title: String
  ) -> Int? {
    var sum: Int?
    for name in names {
      guard let text = text(attributes, name), !text.isEmpty else { continue }
      guard let value = Int(text), (0...1_000_000_000).contains(value) else {
        report.contradictions.append("the attribute \(name) of \(title) is no number")
        continue
      }
      sum = (sum ?? 0) + value
    }
    return sum
  }

  private mutating func time(_ attributes: [XMLReader.Attribute]) -> JUnitTime? {
    guard let text = text(attributes, "timestamp"), !text.isEmpty else { return nil }
    let time = JUnitTime(text)
    if time == nil, report.unreadableTime == nil {
      report.unreadableTime = String(text.prefix(60))
    }
    return time
  }

  private static func earlier(_ first: JUnitTime?, _ second: JUnitTime) -> JUnitTime {
    guard let first, first.point <= second.point else { return second }
    return first
  }
}
