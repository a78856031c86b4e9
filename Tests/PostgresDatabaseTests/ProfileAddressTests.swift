import PostgresDatabase
import SpecCore
import Testing

@Suite("dbt's connections to Postgres")
struct ProfileAddressTests {
  private func text(_ fields: String, type: String = "postgres") throws -> String {
    let file = try ProfilesFile(
      "p: { outputs: { o: { type: \(type), \(fields) } } }", path: "profiles.yml")
    return try PostgresOptions.connectionString(
      file.output("o", of: "p", environment: ["P": #"it's \ a"#]))
  }

  @Test(
    "fields become a connection string; quotes cannot end a value",
    arguments: [
      (
        "host: h, user: u, pass: x, database: d, port: 5433, schema: s, keepalives_idle: 0",
        "host='h' port='5433' user='u' password='x' dbname='d'"
      ),
      (
        "host: h, user: u, password: \"{{ env_var('P') }}\", dbname: d, sslmode: require",
        #"host='h' user='u' password='it\'s \\ a' dbname='d' sslmode='require'"#
      ),
    ])
  func strings(_ fields: String, _ expected: String) throws {
    #expect(try text(fields) == expected)
  }

  @Test("what is missing is named", arguments: ["host", "user", "dbname"])
  func missing(_ name: String) {
    let fields = ["host", "user", "dbname"].filter { $0 != name }.map { "\($0): x" }
    let error = #expect(throws: DatabaseError.self) {
      _ = try text(fields.joined(separator: ", "))
    }
    #expect(error?.message.contains("has no `\(name)`") == true)
  }

  @Test("an output of another type is refused")
  func otherType() {
    #expect(throws: DatabaseError.self) { _ = try text("account: a", type: "snowflake") }
  }
}
