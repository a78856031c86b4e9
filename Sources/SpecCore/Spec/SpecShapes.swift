import Diagnostics
import YAMLSource

/// The declarations from which specs are read and their JSON Schema is printed.
package enum SpecShapes {
  /// The whole file.
  package static var spec: Shape<Spec> {
    .object(
      "a spec", Spec.init(range:), fields: fields,
      extra: [
        ("anyOf", [["required": ["source", "target"]], ["required": ["environments"]]])
      ], check: checkSides)
  }

  private static var fields: [Field<Spec>] {
    [
      Field("version", \.version, .integer(1...1), required: true, "The language's version: 1."),
      Field(
        "name", \.name, Shape<String>.text.located, required: true,
        "What is being proved, in a few words."),
      Field("owner", \.owner, .text, "Who answers for this spec."),
      Field("description", \.description, .text, "What a green run means, for whoever signs."),
      Field("source", \.source, postgres, "The Postgres side."),
      Field("target", \.target, target, targetMeaning),
      Field(
        "environments", \.environments, .map(of: environment),
        "The same spec is run against each: --env rehearsal, --env production."),
      Field("defaults", \.defaults, defaults, "What every table must satisfy."),
      Field(
        "tables", \.tables, tables,
        "A list of tables, tables with their expectations, or `all` tables of the source schema."),
      Field(
        "unlisted_tables", \.unlistedTables, Shape<UnlistedPolicy>.choice.located,
        "What to do about tables of the source schema that are neither listed nor excused: warn "
          + "(default), fail or ignore."),
      Field(
        "dbt", \.dbt, dbt, "Models and views of dbt: tested, and the same as what they replace."),
      Field("security", \.security, security, "Who may do what, and how the data are protected."),
      Field(
        "regression", \.regression, regression,
        "That the application which relies on the data still works."),
      Field(
        "performance", \.performance, performance,
        "Queries by name, with how long they may take and what they may cost."),
      Field(
        "waivers", \.waivers, waivers,
        "Failures that may stand until a day: they are reported first and do not fail the run. A "
          + "waiver that has expired, or is not needed, does."),
      Field(
        "uat", \.acceptance, acceptance,
        "Questions that people answer, by name: does the report match the ledger?"),
      Field("rollback", \.rollback, rollback, "That there is a way back."),
      Field("sign_off", \.signOff, signOff, "Who must sign what a run found."),
      Field("watch", \.watch, watch, watchMeaning),
      Field(unsupported: "checks", "checks of your own"),
    ]
  }

  private static func checkSides(_ spec: Spec, _ node: Node, _ diagnostics: inout [Diagnostic]) {
    if spec.environments == nil {
      if spec.source == nil {
        diagnostics.append(Diagnostic(.noSide("source"), at: node.range.opening))
      }
      if spec.target == nil {
        diagnostics.append(Diagnostic(.noSide("target"), at: node.range.opening))
      }
    }
    checkDistinct(spec.source, spec.target, &diagnostics)
    checkWatch(spec, &diagnostics)
    if spec.tables == nil, spec.dbt == nil, spec.security == nil, spec.regression == nil,
      spec.performance == nil, spec.rollback == nil
    {
      diagnostics.append(Diagnostic(.nothingToCheck, at: node.range.opening))
    }
    checkApprovers(spec, &diagnostics)
    checkRollback(spec, &diagnostics)
  }

  private static var environment: Shape<EnvironmentSpec> {
    .object(
      "an environment", { _ in EnvironmentSpec() },
      fields: [
        Field("source", \.source, postgres, required: true, "The Postgres side."),
        Field("target", \.target, target, required: true, targetMeaning),
      ],
      check: { environment, _, diagnostics in
        checkDistinct(environment.source, environment.target, &diagnostics)
      })
  }

  /// Compared with itself, everything is the same.
  private static func checkDistinct(
    _ source: PostgresConnection?, _ target: TargetConnection?, _ diagnostics: inout [Diagnostic]
  ) {
    guard let source, case .postgres(let target) = target,
      source.schema ?? "public" == target.schema ?? "public"
    else { return }
    if let variable = target.variable, variable.value == source.variable?.value {
      diagnostics.append(Diagnostic(.sameSides, at: variable.range))
    }
    if let profile = target.profile, profile.description == source.profile?.description {
      diagnostics.append(Diagnostic(.sameSides, at: profile.output.range))
    }
  }

  /// With `profile`, the name is that of an output; without, that of a variable.
  private static var postgres: Shape<PostgresConnection> {
    let byVariable = postgres([
      Field(
        "postgres", \.variable, variable, required: true,
        "The name of an environment variable, such as $DATABASE_URL. A URL or password written "
          + "here is refused.")
    ])
    let byProfile = postgres([
      Field(
        "postgres", \.output, connectionName, required: true,
        "The name of an output of dbt's profile."),
      Field("profile", \.profileName, connectionName, required: true, profileMeaning),
    ])
    return Shape(schema: ["anyOf": [byVariable.schema, byProfile.schema]]) { node, diagnostics in
      guard case .mapping(let entries) = node.content,
        entries.contains(where: { $0.name == "profile" })
      else { return byVariable.read(node, &diagnostics) }
      return byProfile.read(node, &diagnostics)
    }
  }

  private static var profileMeaning: String {
    "The profile in dbt's profiles.yml that the connection is an output of; only env_var() of its "
      + "Jinja is read."
  }

  private static func postgres(_ first: [Field<PostgresConnection>]) -> Shape<PostgresConnection> {
    .object(
      "a Postgres connection", { _ in PostgresConnection() },
      fields: first + [
        Field("schema", \.schema, .text, "The schema of the tables; public unless said."),
        Field(
          "sslmode", \.sslmode, .choice,
          "How the connection is protected; `require` unless the server is on this machine."),
        Field("sslrootcert", \.sslrootcert, .text, "The file of trusted certificates."),
        Field(
          "statement_timeout", \.statementTimeout, duration, "The longest a statement may run."),
      ])
  }

  private static var snowflake: Shape<SnowflakeConnection> {
    .object(
      "a Snowflake connection", { _ in SnowflakeConnection() },
      fields: [
        Field(
          "snowflake", \.connection, connectionName, required: true,
          "The name of a connection in connections.toml, or of SNOWFLAKE_CONNECTIONS_<NAME>_* "
            + "variables; with `profile`, of an output of it."),
        Field("profile", \.profile, connectionName, profileMeaning),
        Field("database", \.database, .text, "The database, as SHOW DATABASES spells it."),
        Field("schema", \.schema, .text, "The schema of the tables; PUBLIC unless said."),
        Field("role", \.role, .text, "The role that reads; it needs no right to write."),
        Field("warehouse", \.warehouse, .text, "The warehouse that computes."),
        Field(
          "statement_timeout", \.statementTimeout, duration, "The longest a statement may run."),
      ])
  }

  private static var targetMeaning: String {
    "Where the data have gone: Snowflake, or a second Postgres to rehearse with."
  }

  private static var target: Shape<TargetConnection> {
    let snowflake = snowflake.map { connection, _, _ in TargetConnection.snowflake(connection) }
    let postgres = postgres.map { connection, _, _ in TargetConnection.postgres(connection) }
    let neither = neither
    return Shape(schema: ["anyOf": [snowflake.schema, postgres.schema]]) { node, diagnostics in
      guard case .mapping(let entries) = node.content else {
        return neither.read(node, &diagnostics)
      }
      let first = entries.first { $0.name == "snowflake" }
      let second = entries.first { $0.name == "postgres" }
      switch (first, second) {
      case (.some, nil): return snowflake.read(node, &diagnostics)
      case (nil, .some): return postgres.read(node, &diagnostics)
      case (nil, nil): return neither.read(node, &diagnostics)
      case (let first?, let second?):
        diagnostics.append(Diagnostic(.twoTargets, at: second.key.range))
        // Read all the same: a secret in place of a name must be found.
        _ = connectionName.read(first.value, &diagnostics)
        _ = variable.read(second.value, &diagnostics)
        return nil
      }
    }
  }

  /// The fields of a target that is of neither kind, so that mistakes in them are told.
  private struct Nameless: Sendable { var value: String? }

  private static var neither: Shape<TargetConnection> {
    let names = [
      "snowflake", "postgres", "profile", "database", "schema", "role", "warehouse", "sslmode",
      "sslrootcert", "statement_timeout",
    ]
    return Shape<Nameless>.object(
      "a target", { _ in Nameless() }, fields: names.map { Field($0, \.value, .scalar, "") },
      check: { _, node, diagnostics in
        diagnostics.append(Diagnostic(.noTarget, at: node.range.opening))
      }
    ).map { _, _, _ in nil }
  }

  private static var variable: Shape<Located<String>> {
    Shape<String>(
      schema: ["type": "string", "pattern": #"^\$([A-Z_][A-Z0-9_]*|\{[A-Z_][A-Z0-9_]*\})$"#]
    ) { node, diagnostics in
      guard case .scalar(let text, _) = node.content else {
        diagnostics.append(Diagnostic(.variable, at: node.range))
        return nil
      }
      guard text.utf8.first == UInt8(ascii: "$") else {
        let looksSecret = text.contains("://") || text.contains("password") || text.contains("@")
        diagnostics.append(Diagnostic(looksSecret ? .secret : .variable, at: node.range))
        return nil
      }
      var name = text.dropFirst()
      if name.first == "{", name.last == "}" { name = name.dropFirst().dropLast() }
      let isName = name.utf8.allSatisfy {
        (0x41...0x5A).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "_")
      }
      guard let first = name.utf8.first, isName, !(0x30...0x39).contains(first) else {
        diagnostics.append(Diagnostic(.variable, at: node.range))
        return nil
      }
      return String(name)
    }.located
  }

  private static var connectionName: Shape<Located<String>> {
    Shape<String>.text(
      like: "^[A-Za-z_][A-Za-z0-9_$-]*$", called: "the name of a connection, such as `shop`"
    ) { text in
      text.utf8.allSatisfy {
        (0x41...0x5A).contains($0 & 0xDF) || (0x30...0x39).contains($0)
          || [UInt8(ascii: "_"), UInt8(ascii: "$"), UInt8(ascii: "-")].contains($0)
      } && !(text.utf8.first.map { (0x30...0x39).contains($0) } ?? true)
        && text.utf8.first != UInt8(ascii: "-") && text.utf8.first != UInt8(ascii: "$")
    }.located
  }

  /// `5s`.
  static var duration: Shape<TimeSpan> {
    Shape<String>.text(
      like: #"^[0-9]+(\.[0-9]+)?(ms|s|m|h|d)$"#,
      called: "a duration such as 800ms, 5s, 15m, 24h, 7d"
    ) { TimeSpan($0) != nil }.map { text, _, _ in TimeSpan(text) }
  }
}

extension Diagnostic.Message {
  fileprivate static let variable = Self(
    "E0104", "expected the name of an environment variable",
    label: "write, for example, `$DATABASE_URL`",
    notes: ["capital letters, digits and underscores behind a dollar sign"])

  fileprivate static let secret = Self(
    "E0105", "connection addresses and passwords may not stand in a spec",
    label: "write the name of the variable that holds it, such as `$DATABASE_URL`",
    notes: ["specs are reviewed, committed and archived: what was written here must be changed now"]
  )

  fileprivate static let twoTargets = Self(
    "E0111", "a target is a Snowflake or a second Postgres", label: "take one out")

  fileprivate static let noTarget = Self(
    "E0108", "a target needs the field `snowflake` or `postgres`",
    label: "`snowflake:` or `postgres:` is missing here")

  fileprivate static let sameSides = Self(
    "E0111", "source and target are the same schema of the same database",
    label: "name another variable, or another `schema:`",
    notes: ["compared with itself, everything is the same"])

  fileprivate static func noSide(_ name: String) -> Self {
    Self(
      "E0108", "a spec needs `source` and `target`, or `environments`",
      label: "`\(name):` is missing here")
  }

  fileprivate static let nothingToCheck = Self(
    "E0108", "a spec needs something to check", label: "`tables:` is missing here",
    notes: ["for example `tables: [customers, orders]`, or `tables: all`"])
}
