import Diagnostics
import SpecCore

/// What did not pass: open, with everything that helps to see why.
extension HTMLDocument {
  func accounts(_ page: inout HTMLWriter) {
    let all = entries.filter { $0.standing != .passed }
    section("open", "What did not pass", &page) { section in
      if all.isEmpty {
        section.element("p", text: "Every check passed.")
        return
      }
      for standing in [Standing.failed, .errored, .warned, .waived, .skipped] {
        let members = all.filter { $0.standing == standing }
        guard !members.isEmpty else { continue }
        section.element("h3", text: "\(standing.heading) (\(grouped(members.count)))")
        var reasons: Set<[Verdict.Unchecked]> = []
        for entry in members.prefix(while: \.isTold) {
          // One lost connection may be the reason of all that follow.
          let isNew =
            standing != .errored || entry.result.verdict.rows != nil
            || reasons.insert(entry.result.verdict.unchecked).inserted
          account(entry, isOpen: isNew && standing != .skipped, &section)
        }
        brief(members.filter { !$0.isTold }, &section)
      }
    }
  }

  /// What there was no room to tell whole: a line each, and the number of the others.
  private func brief(_ members: [Entry], _ page: inout HTMLWriter) {
    guard !members.isEmpty else { return }
    page.element("ul", [("class", "brief")]) { list in
      for entry in members.prefix(shortening.lines) {
        list.element("li") { item in
          link(entry, &item)
          item.write(": \(cut(entry.result.message, to: 160))")
        }
      }
    }
    more(members.count - shortening.lines, "such check", &page)
  }

  private func account(_ entry: Entry, isOpen: Bool, _ page: inout HTMLWriter) {
    let result = entry.result
    let open: [HTMLWriter.Attribute] = isOpen ? [("open", "")] : []
    page.element(
      "details", [("class", "check \(entry.standing.kind)"), ("id", entry.anchor)] + open
    ) { details in
      details.element("summary") { summary in
        summary.element("h4") { heading in
          badge(entry.standing.label, entry.standing.kind, &heading)
          heading.write(" ")
          heading.element(
            "span", [("class", "id")],
            text: cut(oneLine(redacted(result.id.description)), to: 500))
        }
        summary.element("span", [("class", "message")], text: line(result.message))
      }
      details.element("div", [("class", "body")]) { body in
        told(entry, &body)
        if let rows = result.verdict.rows { differences(rows, &body) }
        if let timings = result.verdict.timings { latency(timings, &body) }
        findings(result, &body)
        unchecked(result, &body)
        list("Likely", result.verdict.rows?.likely ?? [], &body)
        list("Notes", result.verdict.notes, &body)
        again(result, &body)
        if shortening.hasStatements { statements(result, &body) }
      }
    }
  }

  /// What was expected, where the spec asks for it, and who excuses what came of it.
  func told(_ entry: Entry, _ page: inout HTMLWriter) {
    let result = entry.result
    if !result.sentence.isEmpty {
      page.element("p", [("class", "sentence")]) { text in
        if entry.standing != .passed { text.element("b", text: "Expected: ") }
        text.write(line(result.sentence))
      }
    }
    page.element("p", [("class", "small")]) { text in
      place(result.range, &text)
      if !result.clause.isEmpty { text.write(" · clause \(line(result.clause))") }
      text.write(" · \(duration(result.seconds))")
      if result.severity == .warn { text.write(" · severity warn") }
      if !result.tags.isEmpty {
        text.write(" · tags \(line(result.tags.joined(separator: ", ")))")
      }
    }
    if let waiver = result.waiver {
      page.element("p", [("class", "alert")]) { text in
        text.element("b", text: "Waived ")
        text.write("\(line(waiver.reason)) (")
        place(waiver.range, &text)
        text.write(")")
        if result.outcome != .waived {
          text.write("; what differs is excused by this, what could not be checked is not")
        }
      }
    }
    list("Asked again", result.retries.map { "after \($0.type): \($0.reason)" }, &page)
  }

  private func findings(_ result: CaseResult, _ page: inout HTMLWriter) {
    let findings = result.verdict.findings
    // One that the message says word by word is not told twice.
    if findings.count == 1, oneLine(redacted(findings[0])) == result.message { return }
    list("Found", findings, &page)
  }

  private func unchecked(_ result: CaseResult, _ page: inout HTMLWriter) {
    let parts = result.verdict.unchecked
    guard !parts.isEmpty else { return }
    table("What could not be checked", ["Reason", "Kind", "Remedy"], &page) { rows in
      for part in parts.prefix(shortening.items) {
        rows.element("tr") { row in
          row.element("td", text: line(part.reason))
          row.element("td") { $0.element("code", text: line(part.type)) }
          row.element("td", text: part.remedy.map(line) ?? "–")
        }
      }
    }
    more(parts.count - shortening.items, "part that could not be checked", &page)
  }

  /// Sentences below a title; nothing where there are none.
  func list(_ title: String, _ texts: [String], _ page: inout HTMLWriter) {
    guard !texts.isEmpty else { return }
    page.element("p", [("class", "label")], text: title)
    page.element("ul") { list in
      for text in texts.prefix(shortening.items) { list.element("li", text: line(text)) }
      if texts.count > shortening.items {
        list.element("li", text: "and \(grouped(texts.count - shortening.items)) more")
      }
    }
  }

  private func again(_ result: CaseResult, _ page: inout HTMLWriter) {
    page.element("p", [("class", "again")]) { text in
      text.element("b", text: "Again: ")
      text.element("code", text: line(run.command ?? run.command(selecting: result.id)))
    }
  }

  /// What shows the differing rows, and everything that was sent.
  func statements(_ result: CaseResult, _ page: inout HTMLWriter) {
    let rows = result.verdict.rows
    let shown = [(Side.source, rows?.sourceSQL), (.target, rows?.targetSQL)].filter { $0.1 != nil }
    let sent = result.statements
    guard !shown.isEmpty || !sent.isEmpty else { return }
    let words = [
      shown.isEmpty ? nil : "statements that show the rows",
      sent.isEmpty ? nil : counted(sent.count, "statement that was sent"),
    ].compactMap(\.self)
    page.element("details", [("class", "sql")]) { details in
      details.element("summary", text: "SQL: \(words.joined(separator: ", "))")
      for (side, sql) in shown {
        details.element("p", [("class", "small")], text: "Shows the rows in the \(side.rawValue)")
        code(sql ?? "", &details)
      }
      for statement in sent {
        let query = statement.queryID.map { ", query id \(line($0))" } ?? ""
        details.element(
          "p", [("class", "small")],
          text: "Sent to the \(statement.side.rawValue): \(duration(statement.seconds)), "
            + "\(counted(statement.rows, "row"))\(query)")
        code(statement.sql, &details)
      }
    }
  }

  private func code(_ sql: String, _ page: inout HTMLWriter) {
    page.element("pre") { pre in
      pre.element("code", text: block(sql, to: shortening.statement))
    }
  }
}

extension Standing {
  /// The title above the checks that ended so.
  fileprivate var heading: String {
    switch self {
    case .passed: "Passed"
    case .failed: "Failed"
    case .warned: "Warnings: they differ, which the spec lets pass"
    case .waived: "Waived: they differ, which the spec excuses until a day"
    case .errored: "Could not be checked"
    case .skipped: "Skipped: nobody looked"
    }
  }
}
