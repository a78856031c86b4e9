import SpecCore

/// One attempt at a JUnit report, with a given shortening.
struct JUnitDocument {
  let run: RunResult
  let profile: JUnitProfile
  let shortening: JUnitShortening

  /// The whole report, or `nil` where it would pass the limits.
  func text(within limits: JUnitReporter.Limits?) -> String? {
    let suites = JUnitSuite.all(of: run, shortening: shortening)
    let entries = suites.flatMap(\.entries)
    if let limits, entries.count > limits.cases { return nil }
    var writer = XMLWriter()
    let time = fixed(run.finishedAt.seconds(since: run.startedAt), decimals: 3)
    let name = [run.spec.name, run.spec.slug].map(oneLine).first { !$0.isEmpty } ?? "parity"
    let root: [XMLWriter.Attribute] = [("name", name)] + tally(entries) + [("time", time)]
    writer.begin("testsuites", profile == .ant ? [] : root)
    var names = JUnitNames()
    let properties = properties
    for (number, suite) in suites.enumerated() {
      let name = names.unique(JUnitNames.dotted(suite.name))
      // A shortened report says what all suites share only once.
      let shared = number == 0 || shortening == .none ? properties : []
      write(suite, number: number, name: name, properties: shared, limits, to: &writer)
      if let limits, writer.text.utf8.count > limits.bytes { return nil }
    }
    writer.end()
    if let limits, writer.text.utf8.count > limits.bytes { return nil }
    return writer.text
  }

  private func tally(_ entries: [JUnitEntry]) -> [XMLWriter.Attribute] {
    func count(_ standing: Standing) -> String {
      String(entries.count { $0.standing(strict: run.strict) == standing })
    }
    return [
      ("tests", String(entries.count)), ("failures", count(.failed)), ("errors", count(.errored)),
    ]
  }

  private func write(
    _ suite: JUnitSuite, number: Int, name: String, properties: [XMLWriter.Attribute],
    _ limits: JUnitReporter.Limits?, to writer: inout XMLWriter
  ) {
    let skipped = suite.entries.count {
      [.skipped, .waived].contains($0.standing(strict: run.strict))
    }
    let host = oneLine(run.hostName)
    let start = "\(suite.startedAt.date)T\(suite.startedAt.time)"
    var attributes: [XMLWriter.Attribute] = [("name", name)]
    if profile == .ant {
      let slug = oneLine(run.spec.slug)
      attributes += [("package", slug.isEmpty ? "parity" : slug), ("id", String(number))]
    } else {
      attributes.append(("file", JUnitNames.path(run.spec.path)))
    }
    attributes += tally(suite.entries)
    attributes += [("skipped", String(skipped)), ("time", fixed(suite.seconds, decimals: 3))]
    attributes += [("timestamp", start), ("hostname", host.isEmpty ? "localhost" : host)]
    writer.begin("testsuite", attributes)
    write(properties, to: &writer)
    var names = JUnitNames()
    var output: [String] = []
    for entry in suite.entries {
      // A document that is too long already is thrown away; there is no need to end it.
      if let limits, writer.text.utf8.count > limits.bytes { break }
      let test = JUnitCase(entry: entry, suite: suite.name, in: run, shortening: shortening)
      let shown = names.unique(test.name)
      write(test, name: shown, classname: name, to: &writer)
      if profile == .ant { output += test.remarks.map { "\(shown): \($0)" } }
    }
    if profile == .ant {
      writer.element("system-out", text: output.joined(separator: "\n"))
      writer.element("system-err")
    }
    writer.end()
  }

  private func write(_ properties: [XMLWriter.Attribute], to writer: inout XMLWriter) {
    guard profile == .ant || !properties.isEmpty else { return }
    writer.begin("properties")
    for property in properties {
      writer.element("property", [("name", property.name), ("value", oneLine(property.value))])
    }
    writer.end()
  }

  private func write(
    _ test: JUnitCase, name: String, classname: String, to writer: inout XMLWriter
  ) {
    var attributes: [XMLWriter.Attribute] = [("name", name), ("classname", classname)]
    if profile == .located {
      attributes += [("file", test.file), ("line", String(test.line))]
    }
    attributes.append(("time", fixed(test.seconds, decimals: 3)))
    guard test.verdict != .passed || profile != .ant && test.hasContent else {
      writer.element("testcase", attributes)
      return
    }
    writer.begin("testcase", attributes)
    switch test.verdict {
    case .passed: break
    case .failure(let message, let type, let text):
      writer.element("failure", [("message", message), ("type", type)], text: text)
    case .error(let message, let type, let text):
      writer.element("error", [("message", message), ("type", type)], text: text)
    case .skipped(let message): writer.element("skipped", [("message", message)])
    }
    if profile != .ant {
      for retry in test.flaky {
        let type = JUnitNames.type(retry.type)
        writer.begin("flakyError", [("message", retry.message), ("type", type)])
        writer.element("stackTrace", text: retry.text)
        writer.end()
      }
      if !test.output.isEmpty { writer.element("system-out", text: test.output) }
    }
    writer.end()
  }

  /// What the whole run shares.
  private var properties: [XMLWriter.Attribute] {
    var properties: [XMLWriter.Attribute] = [
      ("run.id", run.runID), ("run.conclusion", run.conclusion.rawValue),
    ]
    if let interruption = run.interruption {
      properties.append(("run.interruption", interruption.rawValue))
    }
    if run.strict { properties.append(("run.strict", "true")) }
    if let environment = run.environment { properties.append(("environment", environment)) }
    properties += [
      ("tool.version", run.toolVersion), ("operator", run.operatorName),
      ("spec.path", JUnitNames.path(run.spec.path)), ("spec.sha256", run.spec.sha256),
      ("spec.exceptions", String(run.exceptions.count)),
    ]
    let waived = run.counts.waived
    if waived > 0 { properties.append(("run.waived", String(waived))) }
    for (side, result) in [(Side.source, run.source), (Side.target, run.target)] {
      guard let facts = result.facts else {
        properties.append(("\(side.rawValue).declared", result.declared))
        continue
      }
      properties += [
        ("\(side.rawValue).engine", "\(facts.engine) \(facts.version)"),
        ("\(side.rawValue).name", facts.name),
        ("\(side.rawValue).fingerprint", facts.fingerprint),
        ("\(side.rawValue).read_point", facts.readPoint),
        ("\(side.rawValue).read_at", facts.readAt.description),
      ]
    }
    if let remark = shortening.remark { properties.append(("report.shortened", remark)) }
    return properties
  }
}
