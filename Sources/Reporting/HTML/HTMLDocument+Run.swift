import SpecCore

/// What was run, by whom, between which databases, and what the spec excuses.
extension HTMLDocument {
  func facts(_ page: inout HTMLWriter) {
    section("run", "The run", &page) { section in
      section.element("dl", [("class", "facts")]) { list in
        fact("Started", run.startedAt.description, &list)
        fact("Finished", run.finishedAt.description, &list)
        fact("Run by", "\(run.operatorName) on \(run.hostName)", &list)
        fact("Run id", run.runID, isCode: true, &list)
        fact("Environment", run.environment ?? "default", &list)
        fact("Tool", "parity \(run.toolVersion)", &list)
        fact("Spec", run.spec.path, isCode: true, &list)
        fact("SHA-256 of the spec", run.spec.sha256, isCode: true, &list)
        if let owner = run.spec.owner { fact("Owner of the spec", owner, &list) }
        if let words = run.spec.description { fact("Description", words, &list) }
        if run.strict { fact("Warnings", "count as failures (--strict)", &list) }
        fact("Again", run.command ?? run.command(selecting: nil), isCode: true, &list)
      }
    }
  }

  private func fact(
    _ name: String, _ value: String, isCode: Bool = false, _ list: inout HTMLWriter
  ) {
    list.element("div") { pair in
      pair.element("dt", text: name)
      pair.element("dd") { data in
        if isCode { data.element("code", text: line(value)) } else { data.write(line(value)) }
      }
    }
  }

  // MARK: Both sides

  func sides(_ page: inout HTMLWriter) {
    section("sides", "Both sides", &page) { section in
      table("Who was read, as whom and when", ["", "Source", "Target"], &section) { rows in
        row("Declared", &rows) { $0.declared }
        row("Connection", &rows, connection)
        row("Engine", &rows) { $0.facts.map { "\($0.engine) \($0.version)" } }
        row("Database", &rows) { $0.facts?.name }
        row("Identity", &rows) { $0.facts?.fingerprint }
        row("Read as", &rows) { $0.facts?.role }
        row("Read point", &rows) { $0.facts?.readPoint }
        row("Server's clock then", &rows) { $0.facts?.readAt.description }
        row("Encryption on the way", &rows) { $0.facts?.encryption }
        row("Replica", &rows) { $0.facts?.replica }
        row("Remarks", &rows) { side in
          side.facts.flatMap { $0.notes.isEmpty ? nil : $0.notes.joined(separator: "; ") }
        }
      }
    }
  }

  /// A line of the table; none where neither side has something to say.
  private func row(
    _ name: String, _ rows: inout HTMLWriter, _ value: (RunResult.SideResult) -> String?
  ) {
    let values = [run.source, run.target].map(value)
    guard values.contains(where: { $0 != nil }) else { return }
    rows.element("tr") { row in
      row.element("th", [("scope", "row")], text: name)
      for value in values { row.element("td", text: value.map(line) ?? "–") }
    }
  }

  private func connection(_ side: RunResult.SideResult) -> String {
    switch side.outcome {
    case .connected: "connected"
    case .failed(let error):
      "not connected (\(error.kind.rawValue)): \(error.message)"
        + (error.hint.map { "; remedy: \($0)" } ?? "")
    case .notTried: "not connected"
    }
  }

  // MARK: What is excused

  func exceptions(_ page: inout HTMLWriter) {
    let waived = entries.filter { $0.standing == .waived }
    section("exceptions", "Exceptions and waivers", &page) { section in
      if run.exceptions.isEmpty {
        section.element(
          "p",
          text: run.suites.isEmpty
            ? "Nothing was planned, so what the spec excuses is not known."
            : "The spec excuses nothing.")
      } else {
        table(
          "What the spec leaves out or tolerates: \(grouped(run.exceptions.count))",
          ["What", "How", "Because", "Where"], &section
        ) { rows in
          for exception in run.exceptions.prefix(shortening.entries) { row(exception, &rows) }
        }
        more(run.exceptions.count - shortening.entries, "exception", &section)
      }
      guard !waived.isEmpty else { return }
      table(
        "Failures that are waived: \(grouped(waived.count))",
        ["Check", "What differs", "Until", "Answered for by", "Because"], &section
      ) { rows in
        for entry in waived.prefix(shortening.entries) { row(waived: entry, &rows) }
      }
      more(waived.count - shortening.entries, "waived check", &section)
    }
  }

  /// Says how many there are besides those that were listed.
  func more(_ count: Int, _ noun: String, _ page: inout HTMLWriter) {
    guard count > 0 else { return }
    page.element("p", text: "And \(counted(count, "more \(noun)")), which the JSON report lists.")
  }

  private func row(_ exception: SpecException, _ rows: inout HTMLWriter) {
    rows.element("tr") { row in
      row.element("th", [("scope", "row")]) { $0.element("code", text: line(exception.subject)) }
      row.element("td", text: line(exception.sentence))
      row.element("td", text: exception.because.map(line) ?? "(no reason given)")
      row.element("td") { place(exception.range, &$0) }
    }
  }

  private func row(waived entry: Entry, _ rows: inout HTMLWriter) {
    let waiver = entry.result.waiver
    rows.element("tr") { row in
      row.element("th", [("scope", "row")]) { link(entry, &$0) }
      row.element("td", text: line(entry.result.message))
      row.element("td", text: waiver?.expires.description ?? "–")
      let ticket = waiver?.ticket.map { " (\($0))" } ?? ""
      row.element("td", text: line((waiver?.owner ?? "–") + ticket))
      row.element("td", text: line(waiver?.because ?? "–"))
    }
  }

  /// The id of a check, which leads to what is told of it.
  func link(_ entry: Entry, _ page: inout HTMLWriter) {
    let id = cut(oneLine(redacted(entry.result.id.description)), to: 500)
    if entry.isTold {
      page.element("a", [("href", "#\(entry.anchor)"), ("class", "id")], text: id)
    } else {
      page.element("span", [("class", "id")], text: id)
    }
  }

  // MARK: Digests

  func digests(_ page: inout HTMLWriter) {
    section("digests", "Digests", &page) { section in
      section.element("dl", [("class", "facts")]) { list in
        fact("Spec (SHA-256)", run.spec.sha256, isCode: true, &list)
        for (name, side) in [("Source", run.source), ("Target", run.target)] {
          let identity = side.facts?.fingerprint ?? "not known: not connected"
          fact("\(name)'s identity", identity, isCode: true, &list)
          if let facts = side.facts {
            fact("\(name)'s read point", facts.readPoint, isCode: true, &list)
          }
        }
        fact("Run", run.runID, isCode: true, &list)
      }
    }
  }
}
