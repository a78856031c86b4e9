package import Diagnostics

/// A spec as its author wrote it: what must be true of a migration.
package struct Spec: Sendable {
  package var version: Int?
  package var name: Located<String>?
  package var owner: String?
  package var description: String?
  package var source: PostgresConnection?
  package var target: TargetConnection?
  package var environments: [MapEntry<EnvironmentSpec>]?
  package var defaults: TableExpectations?
  package var tables: TablesSpec?
  package var unlistedTables: Located<UnlistedPolicy>?
  package var dbt: DbtSpec?
  package var security: SecuritySpec?
  package var regression: RegressionSpec?
  /// Queries by their names, in the order written.
  package var performance: [MapEntry<PerformanceQuery>]?
  /// Failures that may stand for now, in the order written.
  package var waivers: [Waiver]?
  /// Questions to people by their names, in the order written.
  package var acceptance: [MapEntry<AcceptanceSpec>]?
  package var rollback: RollbackSpec?
  package var signOff: SignOffSpec?
  /// What `parity watch` looks at, and when the target counts as ready.
  package var watch: WatchSpec?
  /// The whole file's place.
  package let range: SourceRange

  package init(range: SourceRange) { self.range = range }
}

/// What to do about tables of the source schema that the spec does not mention.
package enum UnlistedPolicy: String, Hashable, Sendable, CaseIterable {
  case warn, fail, ignore
}

/// Where a spec is run: `--env NAME` chooses one.
package struct EnvironmentSpec: Sendable {
  package var source: PostgresConnection?
  package var target: TargetConnection?
}

/// The Postgres side, without secrets: the name of a variable.
package struct PostgresConnection: Hashable, Sendable {
  /// Without the dollar sign: `DATABASE_URL`.
  package var variable: Located<String>?
  /// The output of a profile of dbt's, in place of a variable.
  package var output: Located<String>?
  package var profileName: Located<String>?
  package var schema: String?
  package var sslmode: SSLMode?
  package var sslrootcert: String?
  package var statementTimeout: TimeSpan?

  package init() {}

  /// How libpq protects the connection.
  package enum SSLMode: String, Hashable, Sendable, CaseIterable {
    case disable, require
    case verifyCA = "verify-ca"
    case verifyFull = "verify-full"
  }

  /// The connection of dbt's, where it is one.
  package var profile: ProfileName? {
    output.flatMap { output in profileName.map { ProfileName(output: output, name: $0) } }
  }

  /// As the spec writes it.
  package var declared: String {
    profile.map { "postgres \($0)" } ?? "postgres $\(variable?.value ?? "?")"
  }
}

/// A connection in dbt's `profiles.yml`.
package struct ProfileName: Hashable, Sendable, CustomStringConvertible {
  /// The output's name, such as `prod`.
  package let output: Located<String>
  /// The profile's name.
  package let name: Located<String>

  package var description: String { "\(output.value) of profile \(name.value)" }
}

/// The Snowflake side, without secrets: the name of a connection.
package struct SnowflakeConnection: Hashable, Sendable {
  package var connection: Located<String>?
  /// The profile of dbt's that the connection is an output of.
  package var profile: Located<String>?
  package var database: String?
  package var schema: String?
  package var role: String?
  package var warehouse: String?
  package var statementTimeout: TimeSpan?

  package init() {}

  /// As the spec writes it.
  package var declared: String {
    "snowflake \(connection?.value ?? "?")" + (profile.map { " of profile \($0.value)" } ?? "")
  }
}

/// Where the data have gone: Snowflake, or a second Postgres in a rehearsal.
package enum TargetConnection: Hashable, Sendable {
  case snowflake(SnowflakeConnection)
  case postgres(PostgresConnection)

  /// As the spec writes it.
  package var declared: String {
    switch self {
    case .snowflake(let connection): connection.declared
    case .postgres(let connection): connection.declared
    }
  }

  /// The kind of database.
  package var engine: Engine {
    switch self {
    case .snowflake: .snowflake
    case .postgres: .postgres
    }
  }

  /// What sentences call it, beside `Postgres` for the source.
  package var title: String {
    switch self {
    case .snowflake: "Snowflake"
    case .postgres: "the second Postgres"
    }
  }

  /// The schema of the tables, as that database spells it.
  var schema: SchemaName {
    switch self {
    case .snowflake(let connection):
      SchemaName(
        database: connection.database.map { Identifier($0) },
        schema: Identifier(connection.schema ?? "PUBLIC"))
    case .postgres(let connection): SchemaName(schema: Identifier(connection.schema ?? "public"))
    }
  }
}

/// A length of time.
package struct TimeSpan: Hashable, Sendable {
  package let seconds: Double

  package init(seconds: Double) { self.seconds = seconds }

  /// In the largest unit that gives a whole number: `15m`.
  package var words: String {
    for (unit, length) in [("d", 86_400.0), ("h", 3_600), ("m", 60), ("s", 1)] {
      let count = seconds / length
      if count >= 1, count == count.rounded() { return "\(Int(count))\(unit)" }
    }
    let milliseconds = (seconds * 1_000_000).rounded() / 1_000
    return milliseconds == milliseconds.rounded()
      ? "\(Int(milliseconds))ms" : "\(milliseconds)ms"
  }

  /// `800ms`, `5s`, `15m`, `24h`, `7d`; `nil` for anything else.
  package init?(_ text: String) {
    let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    let units = ["ms": 0.001, "s": 1, "m": 60, "h": 3_600, "d": 86_400]
    guard let unit = units[String(text.dropFirst(digits.count))], let first = digits.first,
      first != ".", digits.last != ".", let number = Double(digits)
    else { return nil }
    seconds = number * unit
  }
}

/// Which tables are compared.
package struct TablesSpec: Sendable {
  /// Set by `all`: every table of the source schema, but for those in `except`.
  package var isAll = false
  /// Tables left out of `all`, each with its reason.
  package var except: [MapEntry<String>] = []
  /// Tables the author named, in the order written.
  package var named: [MapEntry<TableSpec>] = []
  package let range: SourceRange

  package init(range: SourceRange) { self.range = range }
}

/// What a table, or every table by default, must satisfy; `nil` where nothing is said.
package struct TableExpectations: Sendable {
  package var rowCount: Located<RowCountExpectation>?
  package var columns: Located<ColumnsExpectation>?
  package var columnOrder: Located<ColumnOrder>?
  package var constraints: Located<ConstraintsExpectation>?
  package var checksum: Located<ChecksumExpectation>?
  package var severity: CaseSeverity?
}

/// One table of the spec.
package struct TableSpec: Sendable {
  package var source: Located<QualifiedName>?
  package var target: Located<QualifiedName>?
  package var key: [Located<String>]?
  package var rowCount: Located<RowCountExpectation>?
  package var columns: Located<ColumnsExpectation>?
  package var columnOrder: Located<ColumnOrder>?
  package var columnCount: Located<Int>?
  package var constraints: Located<ConstraintsExpectation>?
  package var checksum: Located<ChecksumExpectation>?
  package var sensitive: [Located<String>]?
  package var filter: Located<RowFilter>?
  /// Only so many per cent of the rows have their values compared.
  package var sample: Located<ExactNumber>?
  package var window: Located<ChangeWindow>?
  /// The column by whose values differing rows are counted.
  package var segments: Located<String>?
  package var severity: CaseSeverity?
  package var tags: [Located<String>]?
  package var onlyIn: Located<Side>?
  package var because: String?
  package var description: String?
  package let range: SourceRange

  package init(range: SourceRange) { self.range = range }
}

/// How many rows there must be.
package enum RowCountExpectation: Hashable, Sendable {
  case equal
  case exactly(source: Int, target: Int)
  case withinRows(Int)
  /// Hundredths of a percent, so that `0.1%` is exact: 10.
  case withinPercent(Decimal)
  case skip

  /// A percentage as digits: `0.1` is `1` with scale 1.
  package struct Decimal: Hashable, Sendable {
    package let digits: Int
    package let scale: Int
  }
}

/// Which columns there must be.
package enum ColumnsExpectation: Hashable, Sendable {
  case equal
  case skip
  /// `equal`, and more of single columns.
  case each([ColumnSpec])

  /// The columns of which more is said.
  package var named: [ColumnSpec] { if case .each(let columns) = self { columns } else { [] } }
}

/// Whether the columns must stand in the same order.
package enum ColumnOrder: String, Hashable, Sendable, CaseIterable {
  case same, any
}

/// What one column must satisfy beyond being equal.
package struct ColumnSpec: Hashable, Sendable {
  package var name: Located<String>
  package var type: Located<String>?
  package var notNull: Located<Bool>?
  package var unique: Located<Bool>?
  package var acceptedValues: Located<[String]>?
  package var references: Located<ColumnReference>?
  package var renamedFrom: Located<String>?
  package var onlyIn: Located<Side>?
  package var because: String?
  package var severity: CaseSeverity?
  package var options = ColumnOptions()
}

/// A column of another table: `customers.id`.
package struct ColumnReference: Hashable, Sendable {
  package let table: QualifiedName
  package let column: String
}

/// Which constraints must be there and hold on the data.
package enum ConstraintsExpectation: Hashable, Sendable {
  case hold(except: [ConstraintKind], because: String?)
  case skip
}

/// A kind of constraint that can be excused.
package enum ConstraintKind: String, Hashable, Sendable, CaseIterable {
  case primaryKey = "primary_key"
  case unique
  case foreignKey = "foreign_key"
  case check
  case `default`
  case identity
}

/// Which values must be the same.
package enum ChecksumExpectation: Hashable, Sendable {
  case all
  case only([Located<String>])
  case except([Located<String>], because: String?)
  case skip
}

/// A name of one to three parts as an author writes it; quoted parts mean exactly their spelling.
package struct QualifiedName: Hashable, Sendable, CustomStringConvertible {
  package struct Part: Hashable, Sendable {
    package let text: String
    package let isQuoted: Bool
  }

  /// From the outermost to the table.
  package let parts: [Part]

  package init(parts: [Part]) { self.parts = parts }

  /// `orders`, `legacy.orders`, `"Order Items"`; `nil` for anything else.
  package init?(_ text: String) {
    var parts: [Part] = []
    var rest = text[...]
    while true {
      if rest.first == "\"" {
        rest = rest.dropFirst()
        guard let end = rest.firstIndex(of: "\""), end != rest.startIndex else { return nil }
        parts.append(Part(text: String(rest[..<end]), isQuoted: true))
        rest = rest[rest.index(after: end)...]
      } else {
        let name = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "$" }
        guard let first = name.first, !first.isNumber, first != "$" else { return nil }
        parts.append(Part(text: String(name), isQuoted: false))
        rest = rest.dropFirst(name.count)
      }
      if rest.isEmpty { break }
      guard rest.first == "." else { return nil }
      rest = rest.dropFirst()
    }
    guard parts.count <= 3 else { return nil }
    self.parts = parts
  }

  package var description: String {
    parts.map { $0.isQuoted ? "\"\($0.text)\"" : $0.text }.joined(separator: ".")
  }

  /// The last part: the table itself.
  package var table: Part { parts[parts.count - 1] }
}
