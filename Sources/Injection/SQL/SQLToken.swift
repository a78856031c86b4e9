/// One word or sign of SQL; comments are kept apart.
struct SQLToken {
  /// What it is.
  enum Kind: UInt8 {
    case word, quotedName, string, escapeString, dollarString, number, parameter, sign, hole
  }

  let kind: Kind
  /// The word, where the rules know it.
  let keyword: SQLKeyword?
  /// Where it stands, quotes included.
  let start: Int
  let end: Int

  var range: Range<Int> { start..<end }
}

/// The words the rules look for.
enum SQLKeyword: String, CaseIterable {
  case all, alter, `as`, atomic, barrier = "security_barrier", begin, call, caller, `case`, cast
  case copy, create, credentials, `declare`, `default`, definer, `do`, `else`, elseif, elsif, enable
  case end, event, execute, external, `for`, foreach, format, from, function, future, grant,
    identifier
  case `if`, immediate, `in`, integration = "storage_integration", into, invoker =
    "security_invoker"
  case language, `let`, level, loop, materialized, on, option, or, owner, ownership, policy
  case procedure, `public`, `repeat`, replace, `return`, revoke, role, row, schema
  case searchPath = "search_path", security, select, set, stage, strict, table, then, to,
    transaction
  case trigger, usage, using, view, when, `while`, with, work
}
