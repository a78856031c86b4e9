/// What is known of the variables of a procedure: their types, and all that they are set to.
struct SQLVariables {
  /// A variable; it may be set in many places, of which the order does not count.
  struct Variable {
    /// The declared type in small letters.
    var type: String?
    /// The expressions it is set to, by indices of tokens.
    var values: [Range<Int>] = []
    /// Whether it also holds what a caller, a query or a cursor gives.
    var isForeign = false
  }

  /// Types whose values cannot hold SQL, and those that name an object and are quoted by Postgres.
  static let harmlessTypes: Set<String> = [
    "int", "integer", "int2", "int4", "int8", "bigint", "smallint", "tinyint", "byteint", "number",
    "numeric", "decimal", "dec", "float", "float4", "float8", "double", "real", "boolean", "bool",
    "date", "time", "timetz", "timestamp", "timestamptz", "timestamp_ntz", "timestamp_ltz",
    "timestamp_tz", "datetime", "interval", "uuid", "oid", "serial", "bigserial", "regclass",
    "regtype", "regproc", "regprocedure", "regrole", "regnamespace", "regoper", "regoperator",
  ]

  private var variables: [String: Variable] = [:]

  /// The parameters by their places, which `$1` stands for.
  private var parameters: [String] = []

  subscript(name: String) -> Variable? { variables[name] }

  /// The parameter with a number, counted from 1.
  func parameter(_ number: Int) -> Variable? {
    guard number >= 1, number <= parameters.count else { return nil }
    return variables[parameters[number - 1]]
  }

  /// Gathers what the script, or a part of it, declares and sets.
  init(_ script: SQLScript, _ range: Range<Int>, parameters: [(name: String, type: String)]) {
    self.parameters = parameters.map(\.name)
    for parameter in parameters {
      variables[parameter.name] = Variable(type: parameter.type, isForeign: true)
    }
    var isDeclaring = false
    for place in range {
      switch script.keyword(place) {
      case .declare: isDeclaring = true
      case .begin: isDeclaring = false
      case .into: readTargets(script, place + 1)
      case .for, .foreach: readLoop(script, place)
      case .let, .set: readSetting(script, place)
      default: break
      }
      if isDeclaring, place > 0,
        script.keyword(place - 1) == .declare || script.isSign(";", at: place - 1)
      {
        readDeclaration(script, place)
      } else if script.isSign(":=", at: place) {
        set(script.name(place - 1), place + 1..<script.endOfStatement(place))
      } else if script.isSign("=", at: place), place >= 2, script.beginsStatement(place - 1) {
        set(script.name(place - 1), place + 1..<script.endOfStatement(place))
      }
    }
  }

  private mutating func set(_ name: String, _ value: Range<Int>) {
    guard !name.isEmpty else { return }
    var variable = variables[name] ?? Variable()
    // One setting may be met twice, by its first word and by its sign.
    if variable.values.last != value { variable.values.append(value) }
    variables[name] = variable
  }

  private mutating func markForeign(_ name: String) {
    guard !name.isEmpty else { return }
    var variable = variables[name] ?? Variable()
    variable.isForeign = true
    variables[name] = variable
  }

  /// Reads `name [CONSTANT] type [NOT NULL] [DEFAULT | :=] value`.
  private mutating func readDeclaration(_ script: SQLScript, _ place: Int) {
    guard script.kind(place) == .word || script.kind(place) == .quotedName else { return }
    let end = script.endOfStatement(place)
    let name = script.name(place)
    var typePlace = place + 1
    if script.isWord("constant", at: typePlace) { typePlace += 1 }
    if script.kind(typePlace) == .word, script.keyword(typePlace) != .default {
      var variable = variables[name] ?? Variable()
      variable.type = script.name(typePlace)
      variables[name] = variable
    }
    for index in typePlace..<max(typePlace, end)
    where script.keyword(index) == .default || script.isSign(":=", at: index)
      || script.isSign("=", at: index)
    {
      set(name, index + 1..<end)
      return
    }
  }

  /// The names after `INTO`, which hold what a query found.
  private mutating func readTargets(_ script: SQLScript, _ place: Int) {
    var next = script.keyword(place) == .strict ? place + 1 : place
    // `INSERT INTO` and `COPY INTO` name a table.
    if place >= 2, script.isWord("insert", at: place - 2) || script.keyword(place - 2) == .copy {
      return
    }
    while script.kind(next) == .word || script.kind(next) == .parameter {
      markForeign(script.name(next))
      guard script.isSign(",", at: next + 1) else { return }
      next += 2
    }
  }

  /// The variable of a loop, which holds rows unless it counts.
  private mutating func readLoop(_ script: SQLScript, _ place: Int) {
    let name = script.name(place + 1)
    guard script.kind(place + 1) == .word else { return }
    var next = place + 2
    while next < place + 8, script.keyword(next) != .in {
      if script.isSign(";", at: next) { return }
      next += 1
    }
    guard script.keyword(next) == .in else { return }
    while next < script.tokens.count, script.keyword(next) != .loop, script.keyword(next) != .do {
      // Counting loops: `1..10` in Postgres, `1 TO 10` in Snowflake.
      if script.isSign("..", at: next) || script.keyword(next) == .to {
        variables[name] = Variable(type: "int")
        return
      }
      if script.isSign(";", at: next) { break }
      next += 1
    }
    markForeign(name)
  }

  /// `LET name [type] := value` and `SET name = value`.
  private mutating func readSetting(_ script: SQLScript, _ place: Int) {
    guard script.kind(place + 1) == .word, script.beginsStatement(place) else { return }
    let name = script.name(place + 1)
    if script.keyword(place) == .set {
      if script.isSign("=", at: place + 2) {
        set(name, place + 3..<script.endOfStatement(place))
      }
    } else {
      if script.kind(place + 2) == .word, script.keyword(place + 2) != .default {
        var variable = variables[name] ?? Variable()
        variable.type = script.name(place + 2)
        variables[name] = variable
      }
      let end = script.endOfStatement(place)
      for index in place + 2..<max(place + 2, end)
      where script.isSign(":=", at: index) || script.keyword(index) == .default {
        set(name, index + 1..<end)
        return
      }
    }
  }
}
