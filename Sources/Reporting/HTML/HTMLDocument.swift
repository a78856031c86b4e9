import Diagnostics
import SpecCore

/// The page of one run, part by part in the order of importance for who signs.
struct HTMLDocument {
  let run: RunResult
  let spec: SourceFile?
  /// What stands beside the result in its bundle; `nil` where there is none.
  let evidence: EvidenceFacts?
  let shortening: HTMLShortening
  /// Every case that is reported with what links to it, in the order of the plan.
  let entries: [Entry]
  /// The spec's lines as they are shown.
  let specLines: HTMLSpecLines

  /// A case and its place on the page.
  struct Entry {
    let result: CaseResult
    let standing: Standing
    /// Unique on the page; made of the check's id, so that links to a report stay good.
    let anchor: String
    /// Whether an account of it stands on the page, to which links lead.
    var isTold = true
  }

  init(
    run: RunResult, spec: SourceFile?, evidence: EvidenceFacts?, shortening: HTMLShortening
  ) {
    self.run = run
    self.spec = spec
    self.evidence = evidence
    self.shortening = shortening
    specLines = HTMLSpecLines(spec, limit: shortening.specBytes)
    var taken: Set<String> = []
    var left = shortening.accounts
    entries = run.reportedSuites.flatMap(\.cases).map { result in
      let name = Self.anchor(result.id)
      var anchor = name
      var number = 2
      while !taken.insert(anchor).inserted {
        anchor = "\(name)~\(number)"
        number += 1
      }
      let standing = result.standing(strict: run.strict)
      var entry = Entry(result: result, standing: standing, anchor: anchor)
      if standing == .passed {
        entry.isTold = shortening.passed != .counted
      } else {
        entry.isTold = left > 0
        left -= entry.isTold ? 1 : 0
      }
      return entry
    }
  }

  /// `check-shop.tables.orders.checksum`; what is neither a letter, a digit nor one of `.-_` in
  /// ASCII becomes `_`.
  private static func anchor(_ id: CheckID) -> String {
    let bytes = id.description.utf8.prefix(200).map { byte in
      let character = Character(Unicode.Scalar(byte))
      let isPlain = character.isASCII && (character.isLetter || character.isNumber)
      return isPlain || ".-_".contains(character) ? byte : UInt8(ascii: "_")
    }
    return "check-" + String(decoding: bytes, as: UTF8.self)
  }

  /// The page; `nil` where it is longer than this.
  func text(within limit: Int) -> String? {
    var page = HTMLWriter(limit: limit)
    page.literal("<!doctype html>\n")
    page.element("html", [("lang", "en")]) {
      $0.element("head") { head(&$0) }
      $0.element("body") {
        $0.element("header") { header(&$0) }
        $0.element("main") { main(&$0) }
        $0.element("footer") { footer(&$0) }
      }
    }
    return page.isFull ? nil : page.text
  }

  private func head(_ page: inout HTMLWriter) {
    page.empty("meta", [("charset", "utf-8")])
    page.empty(
      "meta",
      [
        ("http-equiv", "Content-Security-Policy"),
        (
          "content",
          "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
        ),
      ])
    page.empty(
      "meta", [("name", "viewport"), ("content", "width=device-width, initial-scale=1")])
    page.empty("meta", [("name", "color-scheme"), ("content", "light dark")])
    page.empty("meta", [("name", "referrer"), ("content", "no-referrer")])
    page.empty("meta", [("name", "generator"), ("content", "parity \(line(run.toolVersion))")])
    page.element("title", text: "\(verdict): \(subject) (Parity)")
    page.element("style") { $0.literal(HTMLStyle.sheet) }
  }

  private func main(_ page: inout HTMLWriter) {
    signatures(&page)
    facts(&page)
    sides(&page)
    exceptions(&page)
    clauses(&page)
    accounts(&page)
    suites(&page)
    figures(&page)
    specText(&page)
    digests(&page)
  }

  private func footer(_ page: inout HTMLWriter) {
    page.element(
      "p",
      text: "Written by parity \(line(run.toolVersion)) at the end of run \(line(run.runID)). "
        + "This page holds no script and loads nothing.")
  }

  // MARK: The first lines

  private func header(_ page: inout HTMLWriter) {
    page.element("h1") { heading in
      badge(verdict, verdictKind, &heading)
      heading.write(" \(subject)")
    }
    page.element("p", [("class", "counts")]) { line in
      line.element("strong", text: countWords)
      line.write(" in \(duration(seconds)).")
    }
    if let interruption = run.interruption {
      page.element(
        "p", [("class", "alert")],
        text: "The run was stopped before its end: \(interruption.words). "
          + "What was not finished counts as not checked.")
    }
    if let remark = shortening.remark {
      page.element(
        "p", [("class", "alert")],
        text: "This page is shortened so that it can be opened: \(remark). "
          + "The JSON report (--json) has everything.")
    }
    outcomes(&page)
    page.element("nav", [("aria-label", "On this page")]) { nav in
      nav.element("ul") { list in
        for (anchor, words) in contents {
          list.element("li") { $0.element("a", [("href", "#\(anchor)")], text: words) }
        }
      }
    }
  }

  private var contents: [(String, String)] {
    [
      ("signatures", "Who signed"), ("run", "The run"), ("sides", "Both sides"),
      ("exceptions", "Exceptions"),
      ("clauses", "Clauses"), ("open", "What did not pass"), ("checks", "All checks"),
      ("figures", "Figures"), ("spec", "Spec"), ("digests", "Digests"),
    ]
  }

  /// `Shop migration, environment rehearsal`.
  var subject: String {
    line(run.spec.name) + (run.environment.map { ", environment \(line($0))" } ?? "")
  }

  /// The conclusion in words, as the last line on a terminal says it.
  var verdict: String {
    let isExcused = run.conclusion == .passed && run.counts.waived > 0
    return run.conclusion.word + (isExcused ? " with \(grouped(run.counts.waived)) waived" : "")
  }

  var verdictKind: StaticString {
    switch run.conclusion {
    case .passed: run.counts.waived > 0 ? "waived" : "passed"
    case .failed: "failed"
    case .couldNotCheck, .nothingSelected, .interrupted: "errored"
    }
  }

  /// How many checks ended how; what counts most is said even where it is none.
  var countWords: String {
    let counts = run.counts
    guard counts.total > 0 else { return "No check was run: 0 passed, 0 failed" }
    let parts = [
      "\(grouped(counts.passed)) passed", "\(grouped(counts.failed)) failed",
      "\(grouped(counts.errored)) could not be checked",
      counts.warned > 0 ? "\(grouped(counts.warned)) warned" : nil,
      counts.waived > 0 ? "\(grouped(counts.waived)) waived" : nil,
      counts.skipped > 0 ? "\(grouped(counts.skipped)) skipped" : nil,
    ].compactMap(\.self)
    return "\(counted(counts.total, "check")): \(parts.joined(separator: ", "))"
  }

  var seconds: Double { run.finishedAt.seconds(since: run.startedAt) }
}

// MARK: Parts of all sections

extension HTMLDocument {
  /// The text as it may be shown: one line, without secrets, not too long.
  func line(_ text: String) -> String { cut(oneLine(redacted(text)), to: shortening.words) }

  /// The text as it may be shown, with its lines.
  func block(_ text: String, to limit: Int) -> String {
    let clean = cleanLines(redacted(text)).joined(separator: "\n")
    let shown = cut(clean, to: limit)
    return shown.utf8.count == clean.utf8.count
      ? clean : shown + "\n(cut here; the JSON report has all of it)"
  }

  /// A part of the page with its heading.
  func section(
    _ anchor: String, _ title: String, _ page: inout HTMLWriter,
    content: (inout HTMLWriter) -> Void
  ) {
    page.element("section", [("id", anchor), ("aria-labelledby", "\(anchor)-title")]) { section in
      section.element("h2", [("id", "\(anchor)-title")], text: title)
      content(&section)
    }
  }

  /// A word in a frame, which says in words and in colour how something ended.
  func badge(_ word: String, _ kind: StaticString, _ page: inout HTMLWriter) {
    page.element("span", [("class", "badge \(kind)")], text: word)
  }

  /// A table in a box that scrolls by itself where the screen is narrow.
  func table(
    _ caption: String, _ heads: [String], numbers: Set<Int> = [], _ page: inout HTMLWriter,
    rows: (inout HTMLWriter) -> Void
  ) {
    page.element("div", [("class", "scroll")]) { box in
      box.element("table") { table in
        table.element("caption", text: caption)
        table.element("thead") { head in
          head.element("tr") { row in
            for (column, words) in heads.enumerated() {
              let kind: [HTMLWriter.Attribute] = numbers.contains(column) ? [("class", "n")] : []
              row.element("th", [("scope", "col")] + kind, text: words)
            }
          }
        }
        table.element("tbody") { rows(&$0) }
      }
    }
  }

  /// A place in the spec, which leads to the line where the page shows it.
  func place(_ range: SourceRange, _ page: inout HTMLWriter) {
    let words = Reporting.place(of: range)
    let number = max(1, range.start.line)
    if range.file == run.spec.path, specLines.shown.contains(number) {
      page.element("a", [("href", "#L\(number)")], text: words)
    } else {
      page.write(words)
    }
  }
}

extension Standing {
  /// The word on a page, which is no column of a log.
  var label: String {
    switch self {
    case .passed: "PASSED"
    case .failed: "FAILED"
    case .warned: "WARNING"
    case .waived: "WAIVED"
    case .errored: "COULD NOT CHECK"
    case .skipped: "SKIPPED"
    }
  }

  /// The name of its style.
  var kind: StaticString {
    switch self {
    case .passed: "passed"
    case .failed: "failed"
    case .warned: "warned"
    case .waived: "waived"
    case .errored: "errored"
    case .skipped: "skipped"
    }
  }
}
