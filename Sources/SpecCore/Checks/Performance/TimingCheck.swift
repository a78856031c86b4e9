/// Expects a query to keep one of its budgets.
///
/// All budgets of a query make the same moves, so that one measurement serves them all.
struct TimingCheck: Check {
  let budget: TimingBudget
  let query: TimedQuery

  private enum State {
    case begin, reading, measuring
  }
  private var state = State.begin

  init(_ budget: TimingBudget, _ query: TimedQuery) {
    self.budget = budget
    self.query = query
  }

  mutating func next(given answers: [Answer], dialects: Dialects) -> Move {
    switch state {
    case .begin where !query.files.isEmpty:
      state = .reading
      return .read(FileRequest(query.files, limit: 1_048_576))
    case .begin: return measure([:])
    case .reading:
      guard case .files(let found) = answers.first else {
        preconditionFailure("files were asked for")
      }
      if let problem = found.problems.first {
        return .decide(Verdict(problem))
      }
      var texts: [String: String] = [:]
      for file in found.files {
        guard let bytes = file.bytes, let text = String(validating: bytes, as: UTF8.self) else {
          return .decide(
            Verdict(
              Verdict.Unchecked(
                type: "unreadable_file", reason: "\(file.path) does not hold UTF-8 text")))
        }
        texts[file.path] = text
      }
      return measure(texts)
    case .measuring:
      guard case .timings(let timings) = answers.first else {
        preconditionFailure("a query was to be measured")
      }
      return .decide(TimingJudgement(budget, query, timings).verdict)
    }
  }

  private mutating func measure(_ files: [String: String]) -> Move {
    var statements: [Side: String] = [:]
    for (side, text) in query.texts {
      let written: String
      let place: String
      switch text {
      case .written(let sql): (written, place) = (sql, "the query")
      case .file(let path):
        guard let sql = files[path] else {
          return .decide(
            Verdict(
              Verdict.Unchecked(
                type: "missing_file", reason: "\(path) is no single file",
                remedy: "name the file itself, without patterns")))
        }
        (written, place) = (sql, path)
      }
      switch ReadOnlySQL.read(written) {
      case .success(let sql): statements[side] = sql.text
      case .failure(let problem):
        return .decide(
          Verdict(
            Verdict.Unchecked(
              type: "not_read_only",
              reason: "\(place) is not one statement that only reads: \(problem.words)",
              remedy: "it is run many times, and must change nothing")))
      }
    }
    state = .measuring
    return .measure(
      TimingRequest(
        statements: statements, schemas: query.schemas, runs: query.runs, warmup: query.warmup,
        clients: query.clients, coldClock: query.clock ?? .server))
  }
}
