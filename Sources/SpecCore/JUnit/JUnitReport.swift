/// What one JUnit file tells, counted from its elements and never from its own sums.
struct JUnitReport: Hashable {
  /// How many tests there are, and what became of them.
  struct Tally: Hashable {
    var tests = 0
    /// Failures and errors.
    var failed = 0
    var skipped = 0
    /// Passed after failing first.
    var flaky = 0

    /// Tests that were carried out.
    var ran: Int { tests - skipped }

    static func += (left: inout Tally, right: Tally) {
      left.tests += right.tests
      left.failed += right.failed
      left.skipped += right.skipped
      left.flaky += right.flaky
    }
  }

  /// A suite with the suites inside of it.
  struct Suite: Hashable {
    let name: String
    /// The position of the suite that it lies in.
    let outer: Int?
    var tally = Tally()
  }

  /// A test that failed, or was skipped.
  struct Test: Hashable {
    /// `classname.name`.
    let name: String
    /// The report's own words, on one line; empty where it has none.
    let message: String
    /// Positions of the suites that it belongs to.
    let suites: [Int]
  }

  /// In the order of the file.
  var suites: [Suite] = []
  var total = Tally()
  /// The first ones; `total.failed` says how many there are.
  var failures: [Test] = []
  var skips: [Test] = []
  var flakes: [Test] = []
  /// The earliest time that a suite with tests tells, or else a test.
  var time: JUnitTime?
  /// A time that could not be read, as it is written.
  var unreadableTime: String?
  /// Where the file's own sums claim more than its elements show, and the like: nobody can tell
  /// which is right.
  var contradictions: [String] = []
  /// Remarks that change nothing.
  var notes: [String] = []

  /// So many tests of each kind are kept with their names.
  static let mostKept = 1_000
}

/// A file that is no report of tests.
enum JUnitProblem: Error, Hashable {
  case empty
  case notXML(XMLReader.Problem)
  /// XML with another root element.
  case notJUnit(root: String)

  /// The reason, for a sentence that begins with the file's name.
  var words: String {
    switch self {
    case .empty: "is empty: the suite did not write its report"
    case .notXML(let problem): "is not well-formed XML: \(problem.reason)"
    case .notJUnit(let root):
      "is no JUnit report: its root element is <\(root)>, expected <testsuites> or <testsuite>"
    }
  }
}
