import Cryptography
import SnowflakeDatabase
import SpecCore
import Testing

@Suite("dbt's connections to Snowflake")
struct ProfileSettingsTests {
  private func settings(_ fields: String, type: String = "snowflake") throws -> ConnectionSettings {
    let file = try ProfilesFile(
      "p: { outputs: { o: { type: \(type), \(fields) } } }", path: "profiles.yml")
    return try ConnectionSettings(file.output("o", of: "p", environment: [:]))
  }

  private func failure(_ body: () throws -> Void) -> DatabaseError? {
    do {
      try body()
    } catch {
      return error as? DatabaseError
    }
    return nil
  }

  @Test("fields are taken over; underscores of the account become hyphens, as in dbt")
  func fields() throws {
    let found = try settings(
      "account: my_org-my_acc, user: anna, role: R, warehouse: W, token: t, private_key_path: /k")
    #expect(found.text("account") == "my-org-my-acc")
    #expect(found.text("role") == "R")
    #expect(found.text("private_key_path") == "/k")
    #expect(found.secret("token")?.reveal() == "t")
    #expect(found.name == "o of profile p")
  }

  @Test(
    "what cannot be used is told, with where to put it",
    arguments: [
      ("user: anna", "has no `account`"),
      ("account: a, authenticator: oauth, token: t, oauth_client_id: c", "a refresh token"),
    ])
  func refused(_ fields: String, _ words: String) {
    let error = failure { _ = try settings(fields) }
    #expect(error?.message.contains(words) == true, "\(String(describing: error))")
  }

  @Test("a password is refused as everywhere; a key without a user is told of")
  func credentials() {
    var notes: [String] = []
    let password = failure {
      _ = try Credentials(
        settings("account: a, user: u, password: hunter2"), account: "A", environment: [:],
        notes: &notes)
    }
    #expect(password?.hint?.contains("passwords do not work") == true)
    #expect(!"\(password as Any)".contains("hunter2"))
    let user = failure {
      _ = try Credentials(
        settings("account: a, private_key_path: /no/key"), account: "A", environment: [:],
        notes: &notes)
    }
    #expect(user?.hint == "add `user:` to the output at profiles.yml:1")
  }

  @Test("an output of another type is refused")
  func otherType() {
    let error = failure { _ = try settings("host: h", type: "postgres") }
    #expect(error?.message.contains("is not of type snowflake") == true)
  }
}
