/// What a reviewer must know about one side of a run: who it was, as whom and when it was read.
package struct SideFacts: Hashable, Sendable {
  /// `PostgreSQL` or `Snowflake`.
  package var engine: String
  package var version: String
  /// Without secrets: `shop on db.example.com:5432`, or `ORG-ACCOUNT.SHOP`.
  package var name: String
  /// The database's identity as far as the server tells: system identifier and database, or
  /// organisation, account, region and database; else a digest of the address.
  package var fingerprint: String
  /// The role or user the statements ran as.
  package var role: String
  /// What all statements saw: snapshot id and LSN, or the Time Travel timestamp.
  package var readPoint: String
  /// The server's clock when the read point was taken.
  package var readAt: Timestamp
  /// TLS protocol and cipher and whether the server's identity was verified; or "none (loopback)".
  package var encryption: String { link.description }
  /// The same, to be judged.
  package var link: LinkProtection
  /// Whether the source is a hot standby, and how far behind.
  package var replica: String?
  /// How many seconds a hot standby is behind its primary; `nil` where it cannot tell, and where
  /// the server is none.
  package var replicaLag: Double?
  /// Remarks that belong into every report, such as "TLS without server verification".
  package var notes: [String]

  package init(
    engine: String, version: String, name: String, fingerprint: String, role: String,
    readPoint: String, readAt: Timestamp, link: LinkProtection, replica: String? = nil,
    replicaLag: Double? = nil, notes: [String] = []
  ) {
    self.engine = engine
    self.version = version
    self.name = name
    self.fingerprint = fingerprint
    self.role = role
    self.readPoint = readPoint
    self.readAt = readAt
    self.link = link
    self.replica = replica
    self.replicaLag = replicaLag
    self.notes = notes
  }
}

/// How a connection is protected on its way.
package enum LinkProtection: Hashable, Sendable, CustomStringConvertible {
  /// In the clear, but within this machine.
  case loopback
  /// In the clear.
  case none
  /// By the Kerberos library, which tells nothing more.
  case gssapi
  /// With the protocol as the library calls it: `TLSv1.3`, or `TLSv1.2 or later` where only the
  /// least that is accepted is known.
  case tls(protocol: String, cipher: String?, identity: Identity)

  package enum Identity: String, Hashable, Sendable {
    case verified = "server verified"
    case certificateOnly = "certificate verified, host name not"
    case unknown = "server not verified"
  }

  package var description: String {
    switch self {
    case .loopback: "none (loopback)"
    case .none: "none"
    case .gssapi: "GSSAPI"
    case .tls(let version, let cipher, let identity):
      [version, cipher, identity.rawValue].compactMap(\.self).joined(separator: ", ")
    }
  }
}

/// A point in time in UTC, to the microsecond, that prints without help from the system.
package struct Timestamp: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// Microseconds since 1970-01-01 00:00:00 UTC.
  package let microseconds: Int64

  package init(microseconds: Int64) { self.microseconds = microseconds }

  package static func < (left: Self, right: Self) -> Bool { left.microseconds < right.microseconds }

  /// `2026-11-23T03:01:46Z`; whole seconds, rounded down.
  package var description: String { "\(date)T\(time)Z" }

  /// `2026-11-23`.
  package var date: String { day.description }

  /// The day, proleptic Gregorian (days-from-civil after Howard Hinnant's public algorithm).
  package var day: CalendarDay {
    let shifted = floorDivide(microseconds, 86_400_000_000) + 719_468
    let era = floorDivide(shifted, 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthShifted = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * monthShifted + 2) / 5 + 1
    let month = monthShifted < 10 ? monthShifted + 3 : monthShifted - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return CalendarDay(year: Int(year), month: Int(month), day: Int(day))
  }

  /// `03:01:46`.
  package var time: String {
    let second = floorDivide(microseconds, 1_000_000)
    let ofDay = second - floorDivide(second, 86_400) * 86_400
    return "\(padded(ofDay / 3_600, 2)):\(padded(ofDay / 60 % 60, 2)):\(padded(ofDay % 60, 2))"
  }

  /// Seconds from another point to this one.
  package func seconds(since earlier: Timestamp) -> Double {
    Double(microseconds - earlier.microseconds) / 1_000_000
  }
}

private func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
  let quotient = value / divisor
  return value % divisor < 0 ? quotient - 1 : quotient
}

private func padded(_ value: some BinaryInteger, _ width: Int) -> String {
  let digits = String(value)
  return String(repeating: "0", count: max(0, width - digits.count)) + digits
}

/// A day of the calendar, in UTC.
package struct CalendarDay: Hashable, Sendable, Comparable, CustomStringConvertible {
  private let year: Int
  private let month: Int
  private let day: Int

  fileprivate init(year: Int, month: Int, day: Int) {
    self.year = year
    self.month = month
    self.day = day
  }

  /// Reads `2027-01-31`; `nil` for anything else, and for days that no calendar has.
  package init?(_ text: String) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.map(\.utf8.count) == [4, 2, 2],
      text.utf8.allSatisfy({ $0 == UInt8(ascii: "-") || (0x30...0x39).contains($0) }),
      let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2]), year > 0,
      (1...12).contains(month)
    else { return nil }
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    guard (1...days[month - 1]).contains(day) else { return nil }
    self.init(year: year, month: month, day: day)
  }

  package static func < (left: Self, right: Self) -> Bool {
    (left.year, left.month, left.day) < (right.year, right.month, right.day)
  }

  package var description: String { "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))" }
}
