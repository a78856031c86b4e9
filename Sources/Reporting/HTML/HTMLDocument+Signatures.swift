import SpecCore

/// Who signed what, when and with which meaning, and what is still open.
extension HTMLDocument {
  /// What people have signed; `nil` where nobody looked.
  var signOff: SignOffState? { evidence?.signOff }

  func signatures(_ page: inout HTMLWriter) {
    section("signatures", "Who signed", &page) { section in
      guard run.signOff != nil || !run.asked.isEmpty || signOff?.records.isEmpty == false else {
        section.element(
          "p", text: "The spec does not say who must sign, and it asks people nothing.")
        return
      }
      state(&section)
      section.element("div", [("class", "words")]) { tables in
        demands(&tables)
        questions(&tables)
        records(&tables)
      }
    }
  }

  /// What is open, in a word and then one by one.
  private func state(_ page: inout HTMLWriter) {
    guard let signOff else {
      page.element("p") { text in
        badge("NOT LOOKED AT", "open", &text)
        text.write(
          " This page was written without looking for signatures: they may be given after it. "
            + "parity verify, run on the folder of evidence, says who has signed.")
      }
      return
    }
    page.element("p") { text in
      if !signOff.problems.isEmpty {
        badge("NOT RELIABLE", "failed", &text)
        text.write(" Something is wrong with the records, so they cannot be relied on.")
      } else if signOff.isComplete {
        badge("COMPLETE", "passed", &text)
        text.write(" Everything that is asked was signed and accepted.")
      } else {
        badge("OPEN", "open", &text)
        text.write(" \(counted(signOff.open.count, "thing")) still open.")
      }
    }
    sentences("What is wrong", signOff.problems, &page)
    sentences("What is open", signOff.open, &page)
  }

  private func sentences(_ title: String, _ texts: [String], _ page: inout HTMLWriter) {
    guard !texts.isEmpty else { return }
    page.element("p", [("class", "label")], text: title)
    page.element("ul") { list in
      for text in texts.prefix(shortening.entries) { list.element("li", text: line(text)) }
    }
    more(texts.count - shortening.entries, "such line", &page)
  }

  private func demands(_ page: inout HTMLWriter) {
    guard let demand = run.signOff else { return }
    table(
      "Who must sign: \(grouped(demand.required.count))", ["Role", "Person", "Approval"], &page
    ) { rows in
      for signer in demand.required.prefix(shortening.entries) {
        rows.element("tr") { row in
          row.element("th", [("scope", "row")], text: line(signer.role))
          row.element("td", text: line(signer.email))
          row.element("td") { answer(standing(of: signer), &$0) }
        }
      }
    }
    more(demand.required.count - shortening.entries, "role", &page)
  }

  private func questions(_ page: inout HTMLWriter) {
    guard !run.asked.isEmpty else { return }
    table(
      "What people are asked: \(grouped(run.asked.count))",
      ["Item", "Question", "Who answers", "Answer", "Where"], &page
    ) { rows in
      for item in run.asked.prefix(shortening.entries) {
        rows.element("tr") { row in
          row.element("th", [("scope", "row")]) {
            $0.element("span", [("class", "id")], text: line(item.id.description))
          }
          row.element("td", text: line(item.question))
          row.element("td", text: line(item.approver))
          row.element("td") { answer(standing(of: item), &$0) }
          row.element("td") { place(item.range, &$0) }
        }
      }
    }
    more(run.asked.count - shortening.entries, "item", &page)
  }

  private func answer(_ answer: Answer, _ page: inout HTMLWriter) {
    badge(answer.word, answer.kind, &page)
    if let record = answer.record {
      page.write(" \(line(record.name)), \(record.signedAt)")
    }
  }

  private func records(_ page: inout HTMLWriter) {
    guard let records = signOff?.records, !records.isEmpty else { return }
    table(
      "Records, in the order they were signed: \(grouped(records.count))",
      ["Name", "Role", "Meaning", "Of", "Signed at", "Comment", "File"], &page
    ) { rows in
      for record in records.prefix(shortening.entries) {
        rows.element("tr") { row in
          row.element(
            "th", [("scope", "row")], text: line("\(record.name) (\(record.email))"))
          row.element("td", text: line(record.role))
          row.element(
            "td",
            text: record.meaning.rawValue
              + (record.isSuperseded ? " (a newer record takes its place)" : ""))
          row.element("td", text: line(record.item ?? "the whole result"))
          let day = record.performedOn.map { "; done on \($0)" } ?? ""
          row.element("td", text: "\(record.signedAt)\(day)")
          row.element("td", text: record.comment.map(line) ?? "–")
          row.element("td") { $0.element("code", text: line(record.file)) }
        }
      }
    }
    more(records.count - shortening.entries, "record", &page)
  }

  // MARK: What the records say

  /// What became of a question to a person.
  enum Answer {
    case yes(SignOffState.Record)
    case no(SignOffState.Record)
    case none
    /// Records were looked at and cannot be relied on.
    case unreliable
    case notLookedAt

    var record: SignOffState.Record? {
      switch self {
      case .yes(let record), .no(let record): record
      case .none, .unreliable, .notLookedAt: nil
      }
    }

    var word: String {
      switch self {
      case .yes(let record), .no(let record): record.meaning.rawValue.uppercased()
      case .none: "OPEN"
      case .unreliable: "COULD NOT CHECK"
      case .notLookedAt: "NOT LOOKED AT"
      }
    }

    var kind: StaticString {
      switch self {
      case .yes: "passed"
      case .no: "failed"
      case .none, .notLookedAt: "open"
      case .unreliable: "errored"
      }
    }
  }

  /// Whether the role has approved the whole.
  func standing(of signer: SignOffDemand.Signer) -> Answer {
    answer { $0.item == nil && $0.role == signer.role && $0.email == signer.email }
  }

  /// Whether what is asked was accepted, by the role whose answer counts.
  func standing(of item: AskedItem) -> Answer {
    answer { $0.item == item.id.description && $0.role == item.approver }
  }

  private func answer(_ isMeant: (SignOffState.Record) -> Bool) -> Answer {
    guard let signOff else { return .notLookedAt }
    guard signOff.problems.isEmpty else { return .unreliable }
    guard let record = signOff.records.last(where: { !$0.isSuperseded && isMeant($0) }) else {
      return .none
    }
    return switch record.meaning {
    case .approved, .accepted: .yes(record)
    case .withdrawn, .rejected: .no(record)
    }
  }
}
