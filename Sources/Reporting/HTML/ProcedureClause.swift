import SpecCore

/// A clause of the migration procedure, whether a check proves it or not.
struct ProcedureClause {
  /// `5a.ii`.
  let id: String
  /// What it asks for.
  let asks: String
  /// What would cover it, where no check does.
  let cover: String

  /// The clauses it stands for, as cases and questions name them: `8b`, `12`.
  var ids: [String] { id.split(separator: ", ").map(String.init) }

  /// Whether the case proves the clause.
  func isServed(by result: CaseResult) -> Bool {
    // That a table is there with all of its rows is one demand; the numbers serve both clauses.
    ids.contains(result.clause)
      || id == "2a" && result.clause == "2b" && result.id.section == "tables"
        && result.id.check == "row_count"
  }

  /// Every clause, in the procedure's order.
  static let all: [Self] = [
    Self("2a", "Every table is there, with all of its rows", section: "tables"),
    Self(
      "2b", "Row counts, columns, types, keys, references and rules agree", section: "tables"),
    Self("2c", "The contents are the same, value by value", section: "tables"),
    Self("2d", "dbt's models give what the views they replace gave", section: "dbt"),
    Self("3a", "Queries are fast enough", section: "performance"),
    Self("3b", "Queries read, write aside and wait no more than they may", section: "performance"),
    Self("4a", "The application's own tests pass", section: "regression"),
    Self("4b", "The application's queries give the same answers", section: "regression"),
    Self("5a.i", "The account and its network let in only who may come", section: "security"),
    Self("5a.ii", "What is forbidden is refused, and values are masked", section: "security"),
    Self("5a.iii", "Connections and data at rest are encrypted", section: "security"),
    Self("5a.iv", "Roles have the members and rights they should have", section: "security"),
    Self("5a.v", "Code is free of SQL injection", section: "security"),
    Self("5a.vi", "Who did what is on record, and nothing there is wrong", section: "security"),
    Self(
      "6", "A log of the migration is kept",
      elsewhere: "no log of statements stands beside this page; parity run --evidence keeps one"),
    Self(
      "7", "The users have accepted the result",
      elsewhere: "the spec asks nobody; its section uat would"),
    Self(
      "8b, 12", "There is a way back, and it was tried",
      elsewhere: "no check of this clause was run; the spec's section rollback has them"),
    Self(
      "9", "Those who answer for it have signed",
      elsewhere: "the spec does not say who must sign; its section sign_off would"),
    Self(
      "10c", "The production migration is watched",
      elsewhere: "a run does not watch; parity watch does, and keeps its own record"),
    Self(
      "11", "The same verification holds after the cut-over",
      elsewhere: "this run is not of the environment production"),
  ]

  private init(_ id: String, _ asks: String, section: String) {
    self.id = id
    self.asks = asks
    cover = "no check of this clause was run; the spec's section \(section) has them"
  }

  private init(_ id: String, _ asks: String, elsewhere cover: String) {
    self.id = id
    self.asks = asks
    self.cover = cover
  }
}
