import SpecCore

/// Every check by suite, folded up: those that passed with all that is told of them, the others
/// with a link to their account above.
extension HTMLDocument {
  func suites(_ page: inout HTMLWriter) {
    let suites = run.reportedSuites
    section("checks", "All checks, by suite", &page) { section in
      section.element(
        "p",
        text:
          "\(counted(entries.count, "check")) in \(counted(suites.count, "suite")), in the order "
          + "of the plan. Checks that did not pass are told above.")
      var rest = entries[...]
      for suite in suites.prefix(shortening.entries) {
        self.suite(suite, Array(rest.prefix(suite.cases.count)), &section)
        rest = rest.dropFirst(suite.cases.count)
      }
      more(suites.count - shortening.entries, "suite", &section)
    }
  }

  private func suite(_ suite: SuiteResult, _ members: [Entry], _ page: inout HTMLWriter) {
    let words = Standing.allCases.compactMap { standing -> String? in
      let count = members.filter { $0.standing == standing }.count
      return count > 0 ? "\(grouped(count)) \(standing.participle)" : nil
    }
    let order: [Standing] = [.failed, .errored, .skipped, .waived, .warned]
    let worst = order.first { standing in members.contains { $0.standing == standing } } ?? .passed
    page.element("details", [("class", "suite")]) { details in
      details.element("summary") { summary in
        summary.element("h3") { heading in
          heading.element("span", [("class", "id")], text: line(suite.name))
        }
        summary.write(" ")
        badge(worst.label, worst.kind, &summary)
        summary.write(" \(words.joined(separator: ", ")), \(duration(suite.seconds))")
      }
      let listed = members.filter { $0.standing != .passed || $0.isTold }
      details.element("ul", [("class", "cases")]) { list in
        for entry in listed.prefix(shortening.lines) {
          list.element("li") { item(entry, &$0) }
        }
        let left = members.count - min(listed.count, shortening.lines)
        if left > 0 {
          list.element("li", text: "\(counted(left, "further check")) not listed here")
        }
      }
    }
  }

  private func item(_ entry: Entry, _ page: inout HTMLWriter) {
    guard entry.standing == .passed else {
      badge(entry.standing.label, entry.standing.kind, &page)
      page.write(" ")
      link(entry, &page)
      return
    }
    guard shortening.passed == .whole || shortening.passed == .told else {
      page.element("span", [("id", entry.anchor)]) { headline(entry, longest: 160, &$0) }
      return
    }
    page.element("details", [("class", "check passed"), ("id", entry.anchor)]) { details in
      details.element("summary") { headline(entry, longest: shortening.words, &$0) }
      details.element("div", [("class", "body")]) { body in
        told(entry, &body)
        if let timings = entry.result.verdict.timings { latency(timings, &body) }
        list("Notes", entry.result.verdict.notes, &body)
        if shortening.passed == .whole { statements(entry.result, &body) }
      }
    }
  }

  private func headline(_ entry: Entry, longest: Int, _ page: inout HTMLWriter) {
    badge(entry.standing.label, entry.standing.kind, &page)
    page.write(" ")
    page.element(
      "span", [("class", "id")],
      text: cut(oneLine(redacted(entry.result.id.description)), to: 500))
    let words = cut(oneLine(redacted(entry.result.verdict.summary)), to: longest)
    page.write(" \(words.isEmpty ? "" : words + ", ")\(duration(entry.result.seconds))")
    if !entry.result.retries.isEmpty {
      page.write(" (asked \(entry.result.retries.count + 1) times)")
    }
  }
}
