/// What came of dbt's last run, as `run_results.json` tells.
///
/// Format: https://schemas.getdbt.com/dbt/run-results/v6.json, also v4 and v5.
package struct DbtRunResults: Hashable, Sendable {
  package let version: Int
  package let generatedAt: Timestamp?
  package let invocation: String?
  /// The command: `build`, `test`, `run`.
  package let command: String?
  /// By unique id.
  package let results: [String: Result]

  /// What came of one node.
  package struct Result: Hashable, Sendable {
    /// As dbt says it: `pass`, `fail`, `warn`, `error`, `skipped`; `success` for models.
    package let status: String
    package let failures: Int?
    package let message: String?
    /// When it was begun.
    package let startedAt: Timestamp?
  }

  package init(_ text: String) throws(DbtGraph.Mistake) {
    let root = try DbtGraph.parsed(text)
    let schema = root["metadata"]?["dbt_schema_version"]?.text ?? ""
    guard let version = DbtGraph.version(of: schema, called: "run-results") else {
      throw DbtGraph.Mistake(reason: "it holds no results of dbt")
    }
    self.version = version
    generatedAt = root["metadata"]?["generated_at"]?.text.flatMap { Timestamp(iso: $0) }
    invocation = root["metadata"]?["invocation_id"]?.text
    command = root["args"]?["which"]?.text
    var results: [String: Result] = [:]
    for value in root["results"]?.elements ?? [] {
      guard let id = value["unique_id"]?.text, let status = value["status"]?.text else {
        throw DbtGraph.Mistake(reason: "a result in it has no unique_id or no status")
      }
      let moments = (value["timing"]?.elements ?? []).compactMap {
        $0["started_at"]?.text.flatMap { Timestamp(iso: $0) }
      }
      var failures: Int?
      if case .integer(let number) = value["failures"] { failures = number }
      results[id] = Result(
        status: status, failures: failures, message: value["message"]?.text,
        startedAt: moments.min())
    }
    self.results = results
  }

  /// Whether the version is one that this reader was written for.
  package var isKnown: Bool { (4...6).contains(version) }
}

/// The columns that dbt found in the database, as `catalog.json` tells.
///
/// Format: https://schemas.getdbt.com/dbt/catalog/v1.json.
package struct DbtCatalog: Hashable, Sendable {
  package let generatedAt: Timestamp?
  /// Names of columns by the node's unique id, as the database spells them.
  package let columns: [String: [String]]

  package init(_ text: String) throws(DbtGraph.Mistake) {
    let root = try DbtGraph.parsed(text)
    let schema = root["metadata"]?["dbt_schema_version"]?.text ?? ""
    guard DbtGraph.version(of: schema, called: "catalog") == 1 else {
      throw DbtGraph.Mistake(reason: "it is no catalog of dbt")
    }
    generatedAt = root["metadata"]?["generated_at"]?.text.flatMap { Timestamp(iso: $0) }
    var columns: [String: [String]] = [:]
    for section in ["nodes", "sources"] {
      for (id, value) in DbtGraph.members(root[section]) {
        columns[id] = DbtGraph.members(value["columns"]).map(\.0)
      }
    }
    self.columns = columns
  }
}

extension Timestamp {
  /// `2026-11-23T03:24:09.779794Z`, also with an offset; without either, UTC; `nil` for anything else.
  package init?(iso text: String) {
    let bytes = Array(text.utf8)
    guard bytes.count >= 19, bytes[10] == UInt8(ascii: "T") || bytes[10] == UInt8(ascii: " "),
      let whole = Timestamp(utc: String(text.prefix(10)) + "T" + text.dropFirst(11).prefix(8) + "Z")
    else { return nil }
    var rest = text.dropFirst(19)
    var micros: Int64 = 0
    if rest.first == "." {
      let digits = rest.dropFirst().prefix { $0.isASCII && $0.isNumber }
      guard !digits.isEmpty else { return nil }
      micros = Int64((digits + "000000").prefix(6)) ?? 0
      rest = rest.dropFirst(digits.count + 1)
    }
    var offset = 0
    if let sign = rest.first, sign == "+" || sign == "-" {
      let parts = rest.dropFirst().split(separator: ":", omittingEmptySubsequences: false)
      let digits = parts.joined()
      guard parts.count <= 2, digits.count == 4 || digits.count == 2,
        let hours = Int(digits.prefix(2)), let minutes = Int("0" + digits.dropFirst(2)),
        hours <= 15, minutes < 60
      else { return nil }
      offset = (hours * 60 + minutes) * (sign == "-" ? -60 : 60)
    } else if !rest.isEmpty, rest != "Z" {
      return nil
    }
    self.init(microseconds: whole.microseconds + micros - Int64(offset) * 1_000_000)
  }
}
