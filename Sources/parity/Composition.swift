import Cryptography
import Foundation
import PostgresDatabase
import SnowflakeDatabase
import SpecCore

/// Where the parts are put together: the only place that knows which databases there are.
struct Composition {
  let runID: String
  let salt: String
  /// Keys the fingerprints of this run; recorded with its results.
  let seed: String
  let environment: [String: String]
  let jobs: Int

  init(environment: [String: String], jobs: Int) {
    let now = Self.now()
    let compact = now.description.filter { $0 != "-" && $0 != ":" }
    runID = "parity-\(compact)-\(Self.random(bytes: 3))"
    // Never written anywhere: digests of sensitive values cannot be looked up afterwards.
    salt = Self.random(bytes: 16)
    let given = environment["PARITY_SEED"].flatMap { Self.isSeed($0) ? $0 : nil }
    seed = given ?? Self.random(letters: 30)
    self.environment = environment
    self.jobs = jobs
  }

  /// Whether a text may key digests: it becomes a part of statements.
  static func isSeed(_ text: String) -> Bool {
    (16...64).contains(text.utf8.count)
      && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
  }

  private static func random(bytes count: Int) -> String {
    var generator = SystemRandomNumberGenerator()
    return (0..<count).map { _ in
      let byte = UInt8.random(in: 0...255, using: &generator)
      return (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }.joined()
  }

  private static func random(letters count: Int) -> String {
    var generator = SystemRandomNumberGenerator()
    let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    return String((0..<count).compactMap { _ in letters.randomElement(using: &generator) })
  }

  /// The system's clock.
  static func now() -> Timestamp {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
  }

  /// The connectors of both sides, or what is missing to make one.
  func connectors(
    _ source: PostgresConnection, _ target: TargetConnection
  ) throws(DatabaseError) -> (source: any Connector, target: any Connector) {
    let first = try connector(for: source)
    let second = try connector(for: target)
    guard case .postgres(let other) = target, source.schema ?? "public" == other.schema ?? "public"
    else { return (first, second) }
    let distinct = DistinctSides()
    return (distinct.watched(first, .source), distinct.watched(second, .target))
  }

  /// A Postgres' connector, or what is missing to make one.
  private func connector(for source: PostgresConnection) throws(DatabaseError) -> any Connector {
    let (url, notes) = try address(of: source)
    let (salt, seed) = (salt, seed)
    let connector = PostgresConnector(
      options: PostgresOptions(
        url: url, schema: source.schema, sslmode: source.sslmode?.rawValue,
        sslrootcert: source.sslrootcert, statementTimeout: source.statementTimeout?.seconds,
        notes: notes, applicationName: runID, jobs: jobs, environment: environment),
      dialect: { PostgresDialect(salt: salt, seed: seed) })
    try connector.validate()
    return connector
  }

  /// Where a Postgres is, as a URL or connection string, and remarks upon how it was learnt.
  private func address(
    of source: PostgresConnection
  ) throws(DatabaseError) -> (String, [String]) {
    if let profile = source.profile {
      let (output, notes) = try Profiles(environment: environment)
        .output(profile.output.value, of: profile.name.value)
      var remarks = notes
      if output.text("role") != nil {
        remarks.append("the profile's role is not taken on: its user reads")
      }
      return (try PostgresOptions.connectionString(output), remarks)
    }
    let name = source.variable?.value ?? ""
    guard let url = environment[name], !url.isEmpty else {
      throw DatabaseError(
        .configuration, "the variable \(name) is not set",
        hint: "set it to the address of the database, such as postgres://USER@HOST/DATABASE")
    }
    return (url, [])
  }

  /// The target's connector, or what is missing to make one.
  private func connector(for target: TargetConnection) throws(DatabaseError) -> any Connector {
    switch target {
    case .snowflake(let connection): try connector(for: connection)
    case .postgres(let connection): try connector(for: connection)
    }
  }

  private func connector(for target: SnowflakeConnection) throws(DatabaseError) -> any Connector {
    let name = target.connection?.value ?? ""
    var settings: ConnectionSettings?
    if let profile = target.profile {
      let (output, notes) = try Profiles(environment: environment)
        .output(name, of: profile.value)
      settings = try ConnectionSettings(output, notes: notes)
    } else {
      // Read now, so that a wrong file is a mistake of configuration and no database is asked.
      _ = try SnowflakeConnections(environment: environment).settings(for: name)
    }
    let (salt, seed) = (salt, seed)
    return SnowflakeConnector(
      options: SnowflakeOptions(
        connection: name, settings: settings, database: target.database, schema: target.schema,
        role: target.role,
        warehouse: target.warehouse, statementTimeout: target.statementTimeout?.seconds,
        queryTag: runID, jobs: jobs, environment: environment,
        userAgent: "parity/\(Parity.version)"),
      dialect: { SnowflakeDialect(readPoint: $0, salt: salt, seed: seed) })
  }
}
