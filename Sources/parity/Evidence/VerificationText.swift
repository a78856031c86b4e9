import Diagnostics
import Evidence
import Reporting
import SpecCore

/// A verification as people and programs read it.
struct VerificationText {
  let path: String
  let bundle: StoredBundle
  let verification: Verification
  let look: Look

  /// The head of a bundle: what it is about.
  var head: [String] {
    var lines = [row("bundle", path)]
    if let results = bundle.results {
      let counts = RecordedStatus.allCases.map { ($0, results.count($0)) }.filter { $0.1 > 0 }
        .map { "\($0.1) \($0.0.rawValue)" }.joined(separator: ", ")
      lines += [
        row("run", "\(results.run), environment \(results.environment)"),
        row("spec", "\(results.specName) (\(results.specPath), sha256:\(results.specSHA256))"),
        row("verdict", "\(results.verdict), \(counts), ended \(results.finishedAt)"),
      ]
    }
    lines.append(row("manifest", "sha256:\(bundle.manifestSHA256)"))
    return lines
  }

  var text: String {
    var lines = head
    lines += verification.remarks.map { row("note", $0) }
    for record in verification.signOff.records {
      let what = record.item.map { " \(PersonRecord.stem(ofItem: $0))" } ?? ""
      let day = record.performedOn.map { " (done on \($0))" } ?? ""
      let old = record.isSuperseded ? "  [not the newest]" : ""
      let comment = record.comment.map { "  \"\($0)\"" } ?? ""
      lines.append(
        row(
          "signed",
          "\(record.role): \(record.name) <\(record.email)> \(record.meaning.rawValue)\(what)\(day) "
            + "at \(record.signedAt)\(comment)\(old)"))
    }
    lines += verification.tampered.map { row("CHANGED", $0, look.style.red) }
    lines += verification.signOff.problems.map { row("CHANGED", $0, look.style.red) }
    lines += verification.failed.map { row("FAILED", $0, look.style.red) }
    lines += verification.unchecked.map { row("UNKNOWN", $0, look.style.yellow) }
    lines += verification.signOff.open.map { row("OPEN", $0, look.style.yellow) }
    if !verification.isAsked, bundle.results != nil {
      lines.append(
        row("note", "the spec asks nobody to sign: that this is intact is all that is said here"))
    }
    return lines.joined(separator: "\n") + "\n" + last + "\n"
  }

  private var last: String {
    let style = look.style
    let count = verification.signOff.open.count
    switch verification.conclusion {
    case .verified:
      let signed = verification.signOff.records.count { !$0.isSuperseded }
      return style.green(
        verification.isAsked
          ? "VERIFIED  intact, passed, \(signed) signed" : "VERIFIED  intact, passed")
    case .tampered:
      let all = verification.tampered.count + verification.signOff.problems.count
      return style.red("CHANGED  \(counted(all, "thing")) not as made or signed: do not rely on it")
    case .failed: return style.red("FAILED  intact, but not a success")
    case .couldNotCheck:
      return style.red("COULD NOT CHECK  \(counted(verification.unchecked.count, "thing"))")
    case .incomplete: return style.yellow("INCOMPLETE  intact and passed, \(count) open")
    }
  }

  var json: String {
    let signOff = verification.signOff
    let document = JSONValue.object([
      ("format", "parity.verification/1"),
      ("bundle", .text(path)),
      ("conclusion", .string(verification.conclusion.rawValue)),
      ("run", .optional(bundle.results?.run)),
      ("environment", .optional(bundle.results?.environment)),
      ("verdict", .optional(bundle.results?.verdict)),
      ("manifest_sha256", .string(bundle.manifestSHA256)),
      ("changed", .texts(verification.tampered + signOff.problems)),
      ("failed", .texts(verification.failed)),
      ("could_not_check", .texts(verification.unchecked)),
      ("open", .texts(signOff.open)),
      ("notes", .texts(verification.remarks)),
      ("signed", .array(signOff.records.map(Self.record))),
    ])
    return document.rendered() + "\n"
  }

  private static func record(_ record: SignOffState.Record) -> JSONValue {
    .object([
      ("file", .text(record.file)), ("item", .optional(record.item)),
      ("role", .text(record.role)), ("name", .text(record.name)),
      ("email", .text(record.email)), ("meaning", .string(record.meaning.rawValue)),
      ("signed_at", .string(record.signedAt.description)),
      ("performed_on", .optional(record.performedOn?.description)),
      ("comment", .optional(record.comment)), ("superseded", .bool(record.isSuperseded)),
    ])
  }

  /// A line that begins with a word; nothing in it can move the cursor or break the line.
  private func row(
    _ word: String, _ text: String, _ colour: (String) -> String = { $0 }
  ) -> String {
    "\(colour(word.padding(to: 9)))\(oneLine(text))"
  }
}
