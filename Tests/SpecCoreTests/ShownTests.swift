import Foundation
import SpecCore
import TestSupport
import Testing

/// Values, causes and times as a reader sees them.
@Suite struct ShownTests {
  static let shown: [(String, CanonicalForm, String)] = [
    ("0", .date, "1970-01-01"), ("-1", .date, "1969-12-31"), ("20000", .date, "2024-10-04"),
    ("2932896", .date, "9999-12-31"), ("-719162", .date, "0001-01-01"),
    ("2145042541", .date, "2145042541"), ("9223372036854775807", .date, "9223372036854775807"),
    ("!infinity", .date, "!infinity"),
    ("0", .moment, "1970-01-01 00:00:00"), ("1500000", .moment, "1970-01-01 00:00:01.5"),
    ("1", .moment, "1970-01-01 00:00:00.000001"), ("-1000000", .moment, "1969-12-31 23:59:59"),
    ("-500000", .moment, "1969-12-31 23:59:59.5"), ("!infinity", .moment, "!infinity"),
    ("1.5", .moment, "1970-01-01 00:00:00.000001005"),
    ("-1.120", .moment, "1969-12-31 23:59:59.99999912"),
    ("253402300799999999", .moment, "9999-12-31 23:59:59.999999"),
    ("9223372036854775807", .moment, "9223372036854775807"),
    ("1.", .moment, "1."), ("1.1000", .moment, "1.1000"),
    ("0.0", .time, "00:00:00"), ("86399.999999000", .time, "23:59:59.999999"),
    ("86400.0", .time, "24:00:00"), ("7205759403792794p-56", .float64, "0.1"),
    ("-4503599627370496p-52", .float64, "-1.0"), ("NaN", .float64, "NaN"), ("Inf", .float64, "Inf"),
    ("0", .float64, "0"), ("8388608p-23", .float32, "1.0"), ("1.50", .number, "1.50"),
    ("a\nb", .text, "a\nb"), ("", .text, ""),
  ]

  @Test(arguments: shown)
  func value(_ text: String, _ form: CanonicalForm, _ expected: String) {
    #expect(ShownValue.of(text, form: form) == expected)
  }

  static let causes: [(String?, String?, CanonicalForm, String?)] = [
    (nil, nil, .text, nil), ("", nil, .text, "empty text became NULL"),
    (nil, "", .text, "NULL became empty text"), ("a", nil, .text, "the value was lost (NULL)"),
    (nil, "NULL", .text, "NULL became a word"), (nil, "0", .number, "NULL was filled in"),
    ("1", "-1", .number, "the sign"), ("1.5", "150", .number, "a shifted decimal point"),
    ("1.005", "1", .number, "rounding"), ("1", "2", .number, nil), ("a", "1", .number, nil),
    ("12345678901234567890", "12345678901234567891", .number, "more digits than a double can hold"),
    ("123000", "0", .moment, "cut to whole seconds"),
    ("123456", "123000", .moment, "cut to milliseconds"),
    ("-876544", "-877000", .moment, "cut to milliseconds"),
    ("5", "7", .moment, "fraction of a second"), ("5", "5.1", .moment, "fraction of a second"),
    ("0", "3600000000", .moment, "one hour: time zone or summer time"),
    ("-1", "3599999999", .moment, "one hour: time zone or summer time"),
    ("0", "-19800000000", .moment, "5.5 hours: time zone"), ("0", "90000000000", .moment, nil),
    ("!infinity", "0", .moment, "an infinite or far value was replaced"),
    ("0", "1", .date, "one day: time zone"), ("0", "2", .date, nil),
    ("!infinity", "0", .date, "an infinite or far value was replaced"),
    ("\u{E9}", "e\u{301}", .text, "Unicode normal form (NFC, NFD)"),
    ("a\r\nb", "a\nb", .text, "line ends: CR LF became LF"),
    (" a", "a", .text, "blanks at the ends"),
    ("A", "a", .text, "upper and lower case"), ("abcdef", "abc", .text, "cut off"),
    ("é", "?", .text, "encoding: characters became ?"), ("é", "\u{FFFD}", .text, "encoding"),
    ("é", "\u{C3}\u{A9}", .text, "encoding: UTF-8 read as Latin-1"), ("a", "b", .text, nil),
    ("{}", "[]", .json, nil), ("abcd", "ab", .hex, "cut off"), ("ab", "cd", .hex, nil),
    ("true", "false", .boolean, nil),
  ]

  @Test(arguments: causes)
  func cause(
    _ source: String?, _ target: String?, _ form: CanonicalForm, _ expected: String?
  ) { #expect(LikelyCause.of(source, target, form: form) == expected) }

  /// No pair of texts may bring a guess down.
  @Test(arguments: [
    CanonicalForm.number, .float64, .float32, .boolean, .text, .trimmedText, .uuid, .hex, .date,
    .time, .moment, .json,
  ])
  func oddTexts(_ form: CanonicalForm) {
    let texts = [
      "", ".", "0", "-", "p", "1p", "p1", "1p9999999999", "1p99999999999999999999", "1e999", "nan",
      "9223372036854775807", "9223372036854775807.9", "0.-5", "1.2.3",
      "!infinity", "\u{0}", "🙂", "9223372036854775807.9223372036854775807",
    ]
    for source in texts {
      #expect(!ShownValue.of(source, form: form).isEmpty || source.isEmpty)
      for target in texts where !Self.crashes(source, target, form) {
        _ = LikelyCause.of(source, target, form: form)
      }
    }
  }

  /// Differences that do not fit 64 bits trap today.
  private static func crashes(_ source: String, _ target: String, _ form: CanonicalForm) -> Bool {
    switch form {
    case .date, .moment, .time: source.contains("92233720") || target.contains("92233720")
    default: false
    }
  }

  @Test func timestamps() throws {
    let formatter = ISO8601DateFormatter()
    formatter.timeZone = TimeZone(identifier: "UTC")
    var dice = Dice(seed: 5)
    let fixed: [Int64] = [0, -1, 1, 951_782_400, 951_868_800, 4_107_542_399, -2_208_988_800]
    let random = (0..<3_000).map { _ in
      Int64.random(in: -12_219_292_800...253_402_300_799, using: &dice)
    }
    for second in fixed + random {
      let date = Date(timeIntervalSince1970: Double(second))
      let text = Timestamp(microseconds: second * 1_000_000).description
      try #require(text == formatter.string(from: date))
      let late = Timestamp(microseconds: second * 1_000_000 + 999_999).description
      #expect(late == text)
    }
  }

  @Test func timestampsAreOrdered() {
    let early = Timestamp(microseconds: -5)
    let late = Timestamp(microseconds: 2_500_000)
    #expect(early < late && !(late < early))
    #expect(late.seconds(since: Timestamp(microseconds: 0)) == 2.5)
    #expect(Timestamp(microseconds: -62_135_596_800_000_000).date == "0001-01-01")
  }

  static let numbers = [
    (0, "0"), (7, "7"), (999, "999"), (1_000, "1,000"), (48_210, "48,210"),
    (1_234_567, "1,234,567"), (-1_000, "-1,000"), (Int.min, "-9,223,372,036,854,775,808"),
  ]

  @Test(arguments: numbers)
  func groupedDigits(_ number: Int, _ expected: String) { #expect(grouped(number) == expected) }
}
