import Diagnostics
import YAMLSource

extension SpecShapes {
  /// The section, each check waived at most once.
  static var waivers: Shape<[Waiver]> {
    Shape<[Located<Waiver>]>.list(of: waiver).map { waivers, _, diagnostics in
      var seen: [String: SourceRange] = [:]
      for waiver in waivers.map(\.value) {
        if let first = seen[waiver.check.value] {
          diagnostics.append(.waivedTwice(waiver.check.value, at: waiver.range, first: first))
        } else {
          seen[waiver.check.value] = waiver.range
        }
      }
      return waivers.map(\.value)
    }
  }

  /// A waiver as far as it is read.
  private struct Draft: Sendable {
    var check: Located<String>?
    var because: String?
    var owner: String?
    var expires: CalendarDay?
    var ticket: String?
  }

  private static var waiver: Shape<Waiver> {
    Shape<Draft>.object(
      "a waiver", { _ in Draft() },
      fields: [
        Field(
          "check", \.check, checkID, required: true,
          "The id of the check whose failure is waived, as reports print it; * stands for any text."
        ),
        Field(
          "because", \.because, .text, required: true,
          "Why the failure may stand for now. Shown to whoever signs."),
        Field("owner", \.owner, .text, required: true, "Who answers for the waiver."),
        Field(
          "expires", \.expires, day, required: true,
          "The last day the waiver counts, in UTC: 2027-01-31."),
        Field("ticket", \.ticket, .text, "Where the repair is followed, such as OPS-123."),
      ]
    ).map { draft, _, _ in
      // What is missing was reported by the fields.
      guard let check = draft.check, let because = draft.because, let owner = draft.owner,
        let expires = draft.expires
      else { return nil }
      return Waiver(
        check: check, because: because, owner: owner, expires: expires, ticket: draft.ticket)
    }
  }

  private static var checkID: Shape<Located<String>> {
    Shape<String>.text(
      like: #"^\S+$"#, called: "the id of a check, such as `shop.tables.orders.checksum`"
    ) { text in !text.contains(where: \.isWhitespace) }.located
  }

  /// `2027-01-31`.
  static var day: Shape<CalendarDay> {
    Shape<String>.text(
      like: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", called: "a day of the calendar, such as 2027-01-31"
    ) { CalendarDay($0) != nil }.map { text, _, _ in CalendarDay(text) }
  }
}

extension Diagnostic {
  /// Two waivers of one check, the second of which would never be needed.
  static func waivedTwice(_ check: String, at range: SourceRange, first: SourceRange) -> Self {
    Diagnostic(
      Message("E0109", "`\(check)` is waived already", label: "second time"), at: range,
      related: [Related(range: first, text: "first here")])
  }
}
