import SpecCore
import TestSupport
import Testing

/// The one form in which two databases' documents are compared.
@Suite struct CanonicalJSONTests {
  private func canonical(_ text: String) -> String? {
    CanonicalJSON.bytes(of: text).map { String(decoding: $0, as: UTF8.self) }
  }

  static let forms: [(String, String?)] = [
    ("{}", "{}"), ("[]", "[]"), (" [ ] ", "[]"), ("{ }\n", "{}"), ("null", "null"),
    ("true", "true"), ("false", "false"), ("undefined", "null"), ("[1,undefined]", "[1,null]"),
    (#"{"b":1,"a":2}"#, #"{"a":2,"b":1}"#), (#"{"a":1,"a":2}"#, #"{"a":2}"#),
    (#"{"é":1,"z":2}"#, #"{"z":2,"é":1}"#), (#"{"a":{"c":1,"b":[]}}"#, #"{"a":{"b":[],"c":1}}"#),
    ("1", "1"), ("-1", "-1"), ("0", "0"), ("-0", "0"), ("0.0", "0"), ("-0.00e5", "0"),
    ("1.50", "1.5"), ("15e-1", "1.5"), ("1.5E0", "1.5"), ("150e-2", "1.5"), ("100", "100"),
    ("1e2", "100"), ("1E+2", "100"), ("0.001", "0.001"), ("1e-3", "0.001"),
    ("1e60", "1" + String(repeating: "0", count: 60)), ("1e61", "1e61"), ("10e60", "1e61"),
    ("12345678901234567890.123456789", "12345678901234567890.123456789"),
    (#""a""#, #""a""#), (#""\u0061""#, #""a""#), (#""\/""#, #""/""#), (#""\"\\""#, #""\"\\""#),
    (#""\n\t""#, #""\u000a\u0009""#), (#""\ud83d\ude42""#, "\"🙂\""), ("\"🙂\"", "\"🙂\""),
    (#""\uD83D\uDE42""#, "\"🙂\""), (#""\u00e9""#, "\"é\""),
    ("", nil), ("{", nil), ("[1,]", nil), ("[1 2]", nil), (#"{"a"}"#, nil), (#"{"a":}"#, nil),
    (#"{a:1}"#, nil), ("tru", nil), ("1.", nil), (".5", nil), ("+1", nil), ("1e", nil),
    ("--1", nil), ("'a'", nil), (#""a"#, nil), (#""\x""#, nil), (#""\u12""#, nil), ("1 2", nil),
    ("NaN", nil), ("1e9999999", nil), ("[[1]", nil), ("{}}", nil),
  ]

  @Test(arguments: forms)
  func form(_ text: String, _ expected: String?) {
    #expect(canonical(text) == expected)
  }

  /// The canonical form of a canonical form is itself.
  @Test(arguments: forms)
  func formIsStable(_ text: String, _ expected: String?) {
    guard let expected else { return }
    #expect(canonical(expected) == expected)
  }

  @Test func depth() {
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    #expect(CanonicalJSON.bytes(of: nested(513)) != nil)
    #expect(CanonicalJSON.bytes(of: nested(514)) == nil)
  }

  /// Texts that look alike are not the same.
  @Test(arguments: [
    (#""é""#, "\"e\u{301}\""), (#""\ud800""#, #""\\ud800""#), (#""\ud800""#, #""\udc00""#),
    ("1", #""1""#), ("null", #""null""#), ("[]", "{}"), ("[null]", "[]"), (#"{"a":null}"#, "{}"),
    (#"["a","b"]"#, #"["a,b"]"#), (#"{"a":"b\",\"c\":\"d"}"#, #"{"a":"b","c":"d"}"#),
    ("1e61", "1e62"), ("1", "-1"), ("0.1", "0.10000000000000000001"),
  ])
  func differs(_ one: String, _ other: String) {
    #expect(CanonicalJSON.bytes(of: one) != nil)
    #expect(CanonicalJSON.bytes(of: one) != CanonicalJSON.bytes(of: other))
  }

  // MARK: Random documents

  /// A document without spelling.
  private indirect enum Tree: Hashable {
    case null, bool(Bool), number(Int, scale: Int), string([UInt32])
    case array([Tree]), object([[UInt32]: Tree])

    static func random(_ dice: inout Dice, depth: Int) -> Tree {
      switch dice.roll(depth > 0 ? 6 : 4) {
      case 0: .null
      case 1: .bool(dice.isLucky(oneIn: 2))
      case 2: .number(dice.roll(2_000) - 1_000, scale: dice.roll(4))
      case 3: .string(letters(&dice))
      case 4: .array((0..<dice.roll(4)).map { _ in random(&dice, depth: depth - 1) })
      default:
        .object(
          Dictionary(
            (0..<dice.roll(4)).map { _ in (letters(&dice), random(&dice, depth: depth - 1)) },
            uniquingKeysWith: { first, _ in first }))
      }
    }

    static func letters(_ dice: inout Dice) -> [UInt32] {
      (0..<dice.roll(4)).map { _ in
        dice.pick([0x61, 0x62, 0x22, 0x5C, 0x2F, 0x0A, 0x1F, 0xE9, 0x301, 0x1F642, 0x2028, 0x7F])
      }
    }

    /// Another document: one value or key changed, or one thing more.
    func changed(_ dice: inout Dice) -> Tree {
      switch self {
      case .null: .bool(false)
      case .bool(let value): .bool(!value)
      case .number(let digits, let scale): .number(digits + 1, scale: scale)
      case .string(let letters): .string(letters + [0x78])
      case .array(var elements):
        if elements.isEmpty || dice.isLucky(oneIn: 3) {
          .array(elements + [.null])
        } else {
          {
            let index = dice.roll(elements.count)
            elements[index] = elements[index].changed(&dice)
            return .array(elements)
          }()
        }
      case .object(var members):
        if let key = members.keys.sorted(by: { $0.lexicographicallyPrecedes($1) }).first,
          !dice.isLucky(oneIn: 3)
        {
          {
            members[key] = members[key]?.changed(&dice)
            return .object(members)
          }()
        } else {
          .object(members.merging([[0x79, 0x79, 0x79, 0x79]: .null]) { first, _ in first })
        }
      }
    }

    /// One of the many ways to write it.
    func written(_ dice: inout Dice) -> String {
      func blank() -> String { dice.pick(["", "", " ", "\n", "\t ", "\r\n"]) }
      switch self {
      case .null: return "null"
      case .bool(let value): return value ? "true" : "false"
      case .number(let digits, let scale): return Self.number(digits, scale, &dice)
      case .string(let letters): return Self.quoted(letters, &dice)
      case .array(let elements):
        let parts = elements.map { blank() + $0.written(&dice) + blank() }
        return "[" + (parts.isEmpty ? blank() : parts.joined(separator: ",")) + "]"
      case .object(let members):
        let order = members.keys.sorted { $0.lexicographicallyPrecedes($1) }
          .shuffled(using: &dice)
        let parts = order.map { key in
          blank() + Self.quoted(key, &dice) + blank() + ":" + blank()
            + (members[key]?.written(&dice) ?? "") + blank()
        }
        return "{" + (parts.isEmpty ? blank() : parts.joined(separator: ",")) + "}"
      }
    }

    private static func number(_ digits: Int, _ scale: Int, _ dice: inout Dice) -> String {
      let zeros = dice.roll(3)
      let all = "\(digits)" + String(repeating: "0", count: zeros)
      return "\(all)\(dice.pick(["e", "E"]))-\(scale + zeros)"
    }

    private static func quoted(_ letters: [UInt32], _ dice: inout Dice) -> String {
      var text = "\""
      for letter in letters {
        guard let scalar = Unicode.Scalar(letter) else { continue }
        let mustEscape = letter < 0x20 || letter == 0x22 || letter == 0x5C
        if !mustEscape, !dice.isLucky(oneIn: 3) {
          text.unicodeScalars.append(scalar)
        } else if letter == 0x2F, dice.isLucky(oneIn: 2) {
          text += "\\/"
        } else if letter == 0x0A, dice.isLucky(oneIn: 2) {
          text += "\\n"
        } else {
          for unit in String(scalar).utf16 {
            let digits = String(unit, radix: 16, uppercase: dice.isLucky(oneIn: 2))
            text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
          }
        }
      }
      return text + "\""
    }
  }

  @Test(arguments: 1...4)
  func spellingDoesNotCount(_ seed: Int) throws {
    var dice = Dice(seed: seed)
    for _ in 0..<700 {
      let tree = Tree.random(&dice, depth: 4)
      let one = tree.written(&dice)
      let other = tree.written(&dice)
      let bytes = try #require(CanonicalJSON.bytes(of: one), "\(one)")
      try #require(bytes == CanonicalJSON.bytes(of: other), "\(one) and \(other)")
      let changed = tree.changed(&dice).written(&dice)
      try #require(bytes != CanonicalJSON.bytes(of: changed), "\(one) and \(changed)")
    }
  }
}
