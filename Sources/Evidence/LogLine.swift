import Cryptography
import Reporting
package import SpecCore

extension LoggedStatement {
  /// The statement's line of `log.jsonl`, with its line break.
  ///
  /// The text of the statement is not in it, because it may name keys of rows, and neither are the
  /// words of an error, which may hold values; its digest and the error's kind are.
  package func line(_ number: Int) -> String {
    let document = JSONValue.object([
      ("n", .integer(number)),
      ("side", .string(side.rawValue)),
      ("started_at", .time(startedAt)),
      ("seconds", .seconds(seconds)),
      ("kind", .string(kind)),
      ("rows", .integer(rows)),
      ("bytes", bytes.map { .integer($0) } ?? .null),
      ("query_id", .optional(queryID)),
      ("role", .optional(role)),
      ("sql_sha256", sql.map { .string(SHA256Digest(of: $0).hex) } ?? .null),
      (
        "error",
        error.map {
          .object([("type", .string($0.kind.rawValue)), ("code", .optional($0.code))])
        } ?? .null
      ),
    ])
    return document.rendered(indent: 0) + "\n"
  }

  /// The statement's first word; `CONNECT` for making the connection.
  private var kind: String {
    guard let sql else { return "CONNECT" }
    let word = sql.drop { !$0.isLetter }.prefix { $0.isLetter }
    return word.isEmpty || word.utf8.count > 20 ? "OTHER" : word.uppercased()
  }
}
