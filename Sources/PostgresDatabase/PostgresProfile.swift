package import SpecCore

extension PostgresOptions {
  /// What one of dbt's connections says, as a connection string; holds the password.
  ///
  /// The names are those of dbt-postgres. Its `role` is not taken on, and its `schema` is where dbt
  /// builds, not where the tables of a spec are.
  package static func connectionString(
    _ output: ProfileOutput
  ) throws(DatabaseError) -> String {
    guard output.engine == .postgres else {
      throw DatabaseError(
        .configuration, "\(output.path): output \(output.title) is not of type postgres",
        hint: "name an output of type postgres behind `postgres:`")
    }
    let settings = [
      ("host", try output.required("host")), ("port", output.text("port")),
      ("user", try output.required("user")), ("password", output.text("password", "pass")),
      ("dbname", try output.required("dbname", "database")), ("sslmode", output.text("sslmode")),
      ("sslrootcert", output.text("sslrootcert")), ("sslcert", output.text("sslcert")),
      ("sslkey", output.text("sslkey")), ("connect_timeout", output.text("connect_timeout")),
    ]
    let parts: [String] = settings.compactMap { name, value in
      value.map { "\(name)=\(Self.quoted($0))" }
    }
    return parts.joined(separator: " ")
  }

  /// A value as libpq's `key='value'` wants it.
  private static func quoted(_ value: String) -> String {
    var text = "'"
    for character in value.unicodeScalars {
      if character == "'" || character == "\\" { text.unicodeScalars.append("\\") }
      text.unicodeScalars.append(character)
    }
    return text + "'"
  }
}
