package import Diagnostics

/// A failure that may stand for a while: of which check, why, who answers for it, and how long.
package struct Waiver: Hashable, Sendable {
  /// The section of the cases that judge waivers.
  package static let section = "waivers"

  /// The id of a check, with its place; `*` stands for any text.
  package let check: Located<String>
  package let because: String
  /// Who answers for it.
  package let owner: String
  /// The last day it counts.
  package let expires: CalendarDay
  package let ticket: String?

  package init(
    check: Located<String>, because: String, owner: String, expires: CalendarDay,
    ticket: String? = nil
  ) {
    self.check = check
    self.because = because
    self.owner = owner
    self.expires = expires
    self.ticket = ticket
  }

  /// Where the spec says so.
  package var range: SourceRange { check.range }

  /// `until 2027-01-31 by dan@example.com (OPS-123)`.
  package var terms: String {
    "until \(expires) by \(owner)" + (ticket.map { " (\($0))" } ?? "")
  }

  /// Whether a run that begins on this day comes too late for it.
  package func isExpired(on day: CalendarDay) -> Bool { day > expires }

  /// Whether this is the check, or one of the checks, that it names.
  package func names(_ id: CheckID) -> Bool {
    Wildcard.matches(Array(check.value.utf8)[...], Array(id.description.utf8)[...])
  }
}
