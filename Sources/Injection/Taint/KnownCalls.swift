/// What calls that dbt, Jinja and Python offer do with what they are given.
enum KnownCall {
  /// `var` and `env_var`.
  case variable
  /// Hands back nothing that was given to it, or only after quoting it.
  case clean
  /// `config`, whose hooks are templates of their own.
  case config
  /// Runs the SQL it is given and hands back what it finds.
  case query
  /// Hands back the result of an earlier query.
  case result
  /// The distinct values of a column.
  case listed
  /// Doubles quotes.
  case escape
  /// Ends a macro with a value.
  case giveBack
  /// Stops the run.
  case stop

  /// The call with a dotted name, or nil for one that is not known.
  init?(_ path: String) {
    var name = Substring(path)
    for package in ["builtins.", "dbt."] where name.hasPrefix(package) {
      name = name.dropFirst(package.count)
    }
    switch name {
    case "var", "env_var": self = .variable
    case "config": self = .config
    case "run_query", "dbt_utils.get_single_value", "dbt_utils.get_query_results_as_dict",
      "adapter.execute", "adapter.add_query", "run_query_and_return":
      self = .query
    case "load_result": self = .result
    case "dbt_utils.get_column_values", "get_column_values": self = .listed
    case "escape_single_quotes": self = .escape
    case "return": self = .giveBack
    case "ref", "source", "metric", "log", "print", "debug", "local_md5", "config.get",
      "config.require", "var.has_var", "range", "caller", "adapter.dispatch", "set_sql_header",
      "store_result", "store_raw_result", "dbt_utils.get_relations_by_pattern",
      "dbt_utils.get_relations_by_prefix",
      "graph.nodes.values":
      self = .clean
    default:
      if name.hasPrefix("exceptions.") {
        self = name == "exceptions.warn" ? .clean : .stop
      } else if name.hasPrefix("adapter.") {
        self = .clean
      } else {
        return nil
      }
    }
  }

  /// Filters whose result is a number, a yes or no, or a digest.
  static let cleaningFilters: Set<String> = [
    "int", "float", "length", "count", "round", "abs", "wordcount", "as_number", "as_bool", "sum",
    "filesizeformat",
  ]
  /// Methods that hand back a number, a yes or no, or what they read as a date.
  static let cleaningMethods: Set<String> = [
    "startswith", "endswith", "isdigit", "isnumeric", "isdecimal", "isalpha", "isalnum",
    "isidentifier", "count", "index", "find", "strptime", "fromisoformat", "has_key",
  ]
  /// Methods that change the list or dictionary they are called on.
  static let changingMethods: Set<String> = [
    "append", "extend", "insert", "update", "setdefault", "add", "__setitem__",
  ]
}

/// Whether the name of a variable says that it holds a secret.
func namesSecret(_ name: String) -> Bool {
  let words = name.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
  let harmless = [
    "count", "length", "type", "table", "column", "schema", "policy", "id", "name", "path", "file",
    "days", "age", "enabled", "required", "integration",
  ]
  guard let last = words.last, !harmless.contains(last) else { return false }
  let telling = [
    "password", "passwd", "pwd", "secret", "token", "passphrase", "credential", "credentials",
    "apikey", "passcode",
  ]
  if words.contains(where: telling.contains) { return true }
  return zip(words, words.dropFirst()).contains { first, second in
    second == "key" && ["api", "private", "access", "secret", "encryption"].contains(first)
  }
}
