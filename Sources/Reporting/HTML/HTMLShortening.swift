/// How much a page is shortened; what passed goes first, what failed last and least.
struct HTMLShortening {
  /// How much is told of a check that passed.
  enum Passed {
    /// With its statements.
    case whole
    /// Its sentence, numbers and notes.
    case told
    /// Its id and numbers, in one line.
    case line
    /// Counted with its suite.
    case counted
  }

  let passed: Passed
  /// Checks that did not pass and are told whole; the others have a line each.
  var accounts = Int.max
  /// Checks that have a line each, where they are not told whole.
  var lines = Int.max
  /// Whether the statements of what did not pass are shown.
  var hasStatements = true
  /// The longest statement, in characters.
  var statement = 20_000
  /// The longest text other than statements, in characters.
  var words = 1_000
  /// Findings, notes or unchecked parts of a check that are told one by one.
  var items = 50
  /// Columns, and cells of a differing row, that are shown.
  var cells = 200
  /// Suites, exceptions and waived checks that are listed.
  var entries = Int.max
  /// The bytes of the spec that are shown.
  var specBytes = 1_500_000
  /// What a reader is told; `nil` where nothing was left out.
  var remark: String?

  /// From everything to what always fits.
  static let steps: [Self] = [
    Self(passed: .whole),
    Self(passed: .told, remark: "the statements of passed checks are left out"),
    Self(passed: .line, remark: "passed checks have one line each"),
    Self(
      passed: .line, statement: 4_000, words: 500, items: 20, cells: 30, specBytes: 1_000_000,
      remark: "passed checks have one line each, accounts of the others are cut"),
    Self(
      passed: .line, accounts: 1_000, hasStatements: false, words: 300, items: 5, cells: 10,
      specBytes: 500_000,
      remark: "passed checks have one line each, of the others the first 1,000 are told"),
    Self(
      passed: .counted, accounts: 200, lines: 5_000, hasStatements: false, words: 300, items: 5,
      cells: 10, entries: 1_000, specBytes: 250_000,
      remark: "passed checks are counted only, of the others the first 200 are told"),
    last,
  ]

  /// Bounds every part, so that the page has an end whatever the run was.
  static let last = Self(
    passed: .counted, accounts: 50, lines: 500, hasStatements: false, words: 200, items: 3,
    cells: 5, entries: 200, specBytes: 100_000,
    remark: "passed checks are counted only, of the others the first 50 are told")
}
