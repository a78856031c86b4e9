/// What may be said of a pair of column types before any value is read.
package struct TypePairing: Hashable, Sendable {
  /// How the values are compared; `nil` where they cannot be.
  package private(set) var form: CanonicalForm?
  /// The target's form, where an accepted change makes two kinds of value comparable.
  private(set) var targetForm: CanonicalForm?
  /// How the texts are read, where they may be written in several ways.
  package private(set) var loose: LooseText?
  /// What the target cannot hold, or holds as something else; each a failure, whatever today's
  /// data look like.
  package private(set) var losses: [String]

  private init(_ form: CanonicalForm?, _ losses: [String?] = []) {
    self.form = form
    targetForm = form
    self.losses = losses.compactMap(\.self)
  }

  private init(_ form: CanonicalForm, _ loose: LooseText, _ losses: [String?]) {
    self.init(form, losses)
    self.loose = loose
  }

  /// Judges a pair by the table in `docs/types.md`, which follows the vendors' documentation of
  /// what each type can hold.
  package init(source: ColumnType, target: ColumnType) {
    let words = Words(source: source.declared, target: target.declared)
    self =
      Self.numbers(source.logical, target.logical, words)
      ?? Self.texts(source.logical, target.logical, words)
      ?? Self.times(source.logical, target.logical, words)
      ?? Self.documents(source.logical, target.logical, words)
      ?? Self(nil, [words.changed])
  }

  /// The same pair as a spec wants it compared; `problem` says why it cannot be.
  func adapted(
    to options: ColumnOptions, _ source: ColumnType, _ target: ColumnType
  ) -> (pairing: TypePairing, problem: String?) {
    var pairing = self
    let types = "\(source.declared) and \(target.declared)"
    let kinds = [source.logical, target.logical]
    if let comparison = options.comparison?.value {
      let forms = kinds.map(\.ownForm)
      switch comparison {
      case .json where forms.allSatisfy({ $0 == .json || $0 == .text }): pairing.set(.json)
      case .text where forms.allSatisfy({ $0 == .json || $0 == .text }): pairing.set(.text)
      case .text where form == .trimmedText: break
      case .caseInsensitive where form == .text || form == .trimmedText: break
      case .normalized where form == .text || form == .trimmedText: break
      default: return (self, "`compare: \(comparison.rawValue)` does not fit \(types)")
      }
    }
    if let zone = options.timezone {
      guard kinds.contains(where: \.isInstant), kinds.contains(where: \.isTimestamp) else {
        return (
          self, "`timezone: \(zone.value)` needs a wall clock and a point in time, not \(types)"
        )
      }
      let words = Words(source: source.declared, target: target.declared)
      pairing.losses.removeAll { $0 == words.zoneLost || $0 == words.zoneAdded }
    }
    if let tolerance = options.tolerance?.value {
      if pairing.form == nil, kinds.contains(where: \.isFloat),
        kinds.allSatisfy({ $0.ownForm == .number || $0.isFloat })
      {
        pairing.set(.float64)
      }
      guard let form = pairing.form, tolerance.fits(form) else {
        return (self, "a tolerance of \(tolerance) does not fit \(types)")
      }
    }
    if options.accept != nil, pairing.form == nil {
      pairing.form = source.logical.ownForm
      pairing.targetForm = target.logical.ownForm
    }
    return (pairing, nil)
  }

  private mutating func set(_ form: CanonicalForm) {
    self.form = form
    targetForm = form
  }

  private static func numbers(
    _ source: LogicalType, _ target: LogicalType, _ words: Words
  ) -> Self? {
    switch (source, target) {
    case (.boolean, .boolean): Self(.boolean)
    case (.integer(let digits), .integer(let room)):
      Self(.number, [room < digits ? words.digits(room, needed: digits) : nil])
    case (.integer(let digits), .decimal(let precision, let scale)):
      Self(
        .number,
        [precision - scale < digits ? words.digits(precision - scale, needed: digits) : nil])
    case (.integer(let digits), .float):
      Self(.float64, [digits > 15 ? words.float : nil])
    case (.decimal(let precision, let scale), .integer(let room)):
      Self(
        .number,
        [
          scale > 0 ? words.scale(0, needed: scale) : nil,
          room < precision - scale ? words.digits(room, needed: precision - scale) : nil,
        ])
    case (.decimal(let precision, let scale), .decimal(let room, let roomScale)):
      Self(
        .number,
        [
          roomScale < scale ? words.scale(roomScale, needed: scale) : nil,
          room - roomScale < precision - scale
            ? words.digits(room - roomScale, needed: precision - scale) : nil,
        ])
    case (.decimal(let precision, _), .decimalFloat):
      Self(nil, [precision > 38 ? words.digits(38, needed: precision) : nil])
    case (.integer(let digits), .decimalFloat):
      Self(nil, [digits > 38 ? words.digits(38, needed: digits) : nil])
    case (.decimal, .float): Self(.float64, [words.binary])
    case (.unboundedDecimal, .decimal), (.unboundedDecimal, .integer):
      Self(.number, [words.unbounded])
    case (.unboundedDecimal, .decimalFloat): Self(nil, [words.unbounded])
    case (.unboundedDecimal, .unboundedDecimal), (.decimal, .unboundedDecimal),
      (.integer, .unboundedDecimal):
      Self(.number)
    case (.unboundedDecimal, .float): Self(.float64, [words.float])
    case (.float(let bits), .float(let room)):
      Self(bits == 24 ? .float32 : .float64, [room < bits ? words.narrowFloat : nil])
    case (.float, .integer), (.float, .decimal): Self(nil, [words.notFloat])
    default: nil
    }
  }

  private static func texts(
    _ source: LogicalType, _ target: LogicalType, _ words: Words
  ) -> Self? {
    switch (source, target) {
    case (.text(let limit), .text(let room)), (.textual(_, let limit), .text(let room)):
      Self(.text, [words.length(room, needed: limit)])
    case (.paddedText(let length), .text(let room)):
      Self(.trimmedText, [words.length(room, needed: length)])
    case (.paddedText(let length), .paddedText(let room)):
      Self(.trimmedText, [words.length(room, needed: length)])
    case (.enumeration(let labels), .text(let room)):
      Self(.text, [words.length(room, needed: labels.map(\.unicodeScalars.count).max() ?? 0)])
    case (.enumeration(let labels), .enumeration(let room)):
      Self(.text, [words.labels(labels.filter { !room.contains($0) })])
    case (.textual(let left, let limit), .textual(let right, let room)) where left == right:
      Self(.text, [words.length(room, needed: limit)])
    case (.other(let left), .other(let right)) where left == right:
      // One family of databases prints one type in one way.
      Self(.text, [words.narrowed])
    case (.uuid, .uuid): Self(.uuid)
    case (.uuid, .text(let room)): Self(.uuid, [words.length(room, needed: 36)])
    case (.binary(let limit), .binary(let room)):
      Self(.hex, [words.bytes(room, needed: limit)])
    default: nil
    }
  }

  private static func times(
    _ source: LogicalType, _ target: LogicalType, _ words: Words
  ) -> Self? {
    switch (source, target) {
    case (.date, .date): Self(.date)
    case (.time(let fraction), .time(let room)):
      Self(.time, [words.fraction(room, needed: fraction)])
    case (.timestamp(let fraction), .timestamp(let room)),
      (.instant(let fraction), .instant(let room)):
      Self(.moment, [words.fraction(room, needed: fraction)])
    case (.instant(let fraction), .timestamp(let room)):
      Self(.moment, [words.zoneLost, words.fraction(room, needed: fraction)])
    case (.timestamp(let fraction), .instant(let room)):
      Self(.moment, [words.zoneAdded, words.fraction(room, needed: fraction)])
    default: nil
    }
  }

  private static func documents(
    _ source: LogicalType, _ target: LogicalType, _ words: Words
  ) -> Self? {
    switch (source, target) {
    case (.json, .json), (.json, .text(limit: nil)), (.array, .array(of: .json)), (.array, .json):
      Self(.json)
    case (.array(let element), .array(let room)):
      Self(
        .json,
        Self(
          source: ColumnType(declared: words.source, logical: element),
          target: ColumnType(declared: words.target, logical: room)
        ).losses)
    case (.interval, .interval), (.timeWithZone, .timeWithZone): Self(.text, [words.narrowed])
    case (.json, .text(let room)): Self(.json, [words.length(room, needed: nil)])
    // Loaders print these in forms of their own: equal values need not have equal text.
    case (.array, .text(let room)): Self(.json, .list, [words.length(room, needed: nil)])
    case (.interval, .text(let room)): Self(.text, .interval, [words.length(room, needed: 60)])
    case (.timeWithZone, .text(let room)): Self(.text, .zonedTime, [words.length(room, needed: 24)])
    case (.other, .text): Self(.text, .unknown, [words.changed])
    case (.timeWithZone, .instant): Self(nil)
    default: nil
    }
  }
}

/// The sentences a reviewer reads.
private struct Words {
  let source: String
  let target: String

  /// Snowflake's default VARCHAR and BINARY sizes: taken as "no limit" on that side.
  static let unlimitedCharacters = 16_777_216
  static let unlimitedBytes = 8_388_608

  var changed: String { "\(source) became \(target), another kind of value" }
  var float: String { "\(target) keeps about 15 digits, \(source) can hold more" }
  var binary: String { "\(target) is binary: it cannot hold every \(source) exactly" }
  var narrowFloat: String { "\(target) keeps fewer digits than \(source)" }
  var notFloat: String { "\(target) cannot hold every \(source) (NaN, infinity, exponents)" }
  var unbounded: String { "\(target) cannot hold every \(source), which has no limit" }
  var zoneLost: String {
    "\(source) is a point in time, \(target) a wall clock without a time zone"
  }
  var zoneAdded: String {
    "\(source) is a wall clock without a time zone, \(target) a point in time"
  }

  /// For types of which only the declarations are known: one with arguments, or with fewer fields,
  /// that is not the source's own.
  var narrowed: String? {
    guard target != source, target.contains(where: { $0 == "(" || $0 == " " }) else { return nil }
    let isZoned = target == "time with time zone"
    return isZoned ? nil : "\(target) is narrower than \(source), or may be"
  }

  /// Labels of an enumeration that the other one lacks.
  func labels(_ missing: [String]) -> String? {
    guard !missing.isEmpty else { return nil }
    return "\(target) lacks \(missing.joined(separator: ", ")) of \(source)"
  }

  func digits(_ room: Int, needed: Int) -> String {
    "\(target) holds \(room) digits before the point, \(source) up to \(needed)"
  }

  func scale(_ room: Int, needed: Int) -> String {
    "\(target) keeps \(counted(room, "decimal place")), \(source) has \(needed)"
  }

  func length(_ room: Int?, needed: Int?) -> String? {
    guard let room else { return nil }
    guard let needed else {
      return room >= Self.unlimitedCharacters
        ? nil : "\(target) holds \(room) characters, \(source) has no limit"
    }
    return room >= needed ? nil : "\(target) holds \(room) characters, \(source) up to \(needed)"
  }

  func bytes(_ room: Int?, needed: Int?) -> String? {
    guard let room else { return nil }
    guard let needed else {
      return room >= Self.unlimitedBytes
        ? nil : "\(target) holds \(room) bytes, \(source) has no limit"
    }
    return room >= needed ? nil : "\(target) holds \(room) bytes, \(source) up to \(needed)"
  }

  func fraction(_ room: Int?, needed: Int?) -> String? {
    guard let room, let needed, room < needed else { return nil }
    return "\(target) keeps \(room) digits of a second, \(source) has \(needed)"
  }
}

extension LogicalType {
  fileprivate var isInstant: Bool { if case .instant = self { true } else { false } }
  fileprivate var isTimestamp: Bool { if case .timestamp = self { true } else { false } }
  fileprivate var isFloat: Bool { if case .float = self { true } else { false } }
}
