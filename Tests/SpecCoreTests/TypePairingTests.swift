import Foundation
import SpecCore
import TestSupport
import Testing

extension TypePair: CustomTestStringConvertible {
  var testDescription: String { "\(source.declared) → \(target.declared)" }
}

/// What may become of which type, as `docs/types.md` tells it.
@Suite struct TypePairingTests {
  @Test(arguments: TypePair.all)
  func pairing(_ pair: TypePair) {
    let pairing = TypePairing(source: pair.source, target: pair.target)
    #expect(pairing.form == pair.form)
    #expect(pairing.losses.count == pair.losses, "\(pairing.losses)")
    for loss in pairing.losses {
      #expect(loss.contains(pair.source.declared) && loss.contains(pair.target.declared))
    }
  }

  /// A type that stays what it is loses nothing.
  @Test(arguments: TypePair.all)
  func sameType(_ pair: TypePair) {
    for type in [pair.source, pair.target] {
      let losses = TypePairing(source: type, target: type).losses
      if case .other = type.logical { continue }
      if case .decimalFloat = type.logical { continue }
      #expect(losses.isEmpty, "\(type.declared): \(losses)")
    }
  }

  /// Smaller targets never lose less: the wider type is searched for every narrow one.
  @Test func narrowingIsMonotonic() {
    for digits in 1...38 {
      for scale in 0...4 where scale < digits {
        let source = ColumnType(
          declared: "s", logical: .decimal(precision: digits, scale: scale))
        var before = Int.max
        for room in 1...38 {
          let target = ColumnType(
            declared: "t", logical: .decimal(precision: room + scale, scale: scale))
          let losses = TypePairing(source: source, target: target).losses.count
          #expect(losses <= before)
          #expect((losses == 0) == (room >= digits - scale))
          before = losses
        }
      }
    }
  }

  private static let path = Fixture.folder("x") + "/../../../../docs/types.md"

  /// The table in the documentation is this one; accept changes with UPDATE_GOLDEN=1.
  @Test func documentation() throws {
    let url = URL(fileURLWithPath: Self.path).standardized
    let text = try String(contentsOf: url, encoding: .utf8)
    let start = "<!-- pairs: begin -->\n"
    let end = "<!-- pairs: end -->"
    let from = try #require(text.range(of: start))
    let to = try #require(text.range(of: end))
    let made =
      String(text[..<from.upperBound]) + Self.tables() + String(text[to.lowerBound...])
    expectGolden(made, at: url.path)
  }

  private static func tables() -> String {
    let parts = [
      ("Numbers and truth values", TypePair.numbers), ("Text and bytes", TypePair.texts),
      ("Dates and times", TypePair.times), ("Documents and lists", TypePair.documents),
      ("A second Postgres as target", TypePair.rehearsals),
    ]
    return parts.map { title, pairs in
      let rows = pairs.map { pair in
        let pairing = TypePairing(source: pair.source, target: pair.target)
        let losses = pairing.losses
        let verdict = losses.isEmpty ? "fits" : losses.joined(separator: "; ")
        let form = pairing.loose.map(words) ?? pair.form.map(words) ?? "not compared yet"
        return "| `\(pair.source.declared)` | `\(pair.target.declared)` | \(verdict) | \(form) |\n"
      }.joined()
      return
        "\n### \(title)\n\n| Postgres | target | `columns` says | `checksum` compares |\n"
        + "| --- | --- | --- | --- |\n\(rows)"
    }.joined() + "\n"
  }

  private static func words(_ loose: LooseText) -> String {
    switch loose {
    case .interval: "months, days and microseconds, also in ISO 8601"
    case .zonedTime: "time and offset, however they are written"
    case .list: "the elements, as JSON or as `{a,NULL}`"
    case .unknown: "every byte; other text is *could not check*"
    }
  }

  private static func words(_ form: CanonicalForm) -> String {
    switch form {
    case .number: "every digit"
    case .float64: "all 53 bits"
    case .float32: "24 bits"
    case .boolean: "true and false"
    case .text: "every byte"
    case .trimmedText: "every byte but trailing blanks"
    case .uuid: "digits without case"
    case .hex: "every byte"
    case .date: "the day"
    case .time: "time to the nanosecond"
    case .moment: "time to the nanosecond"
    case .json: "the document, not its spelling"
    }
  }
}
