import Foundation
import Testing

/// A password that somebody wrote into a spec: refused, and shown to nobody.
@Suite("Secrets in specs", .enabled(if: Package.isBuilt, "parity is not built"))
struct SpecSecretTests {
  private static let password = "hunter2secret"

  @Test(
    "an address in place of a variable's name",
    arguments: [
      "postgres://bob:hunter2secret@db.example.com/shop",
      "postgresql://bob:hunter2secret@db.example.com:5432/shop?sslmode=require",
      "POSTGRES://bob:hunter2secret@db/shop",
      "host=db user=bob password=hunter2secret",
      "host=db user=bob password='hunter2secret'",
      "jdbc:postgresql://db/shop?user=bob&password=hunter2secret",
      "bob:hunter2secret@db/shop",
      "//bob:hunter2secret@db/shop",
    ])
  func address(text: String) throws {
    let other = shopSpec.replacingOccurrences(of: "$DATABASE_URL", with: "\"\(text)\"")
    try expectSilence(other)
    try expectSilence(
      shopSpec.replacingOccurrences(of: "shop, database", with: "\"\(text)\", database"))
  }

  @Test(
    "fields that people would expect",
    arguments: [
      "target: { snowflake: shop, database: SHOP, schema: PUBLIC, password: hunter2secret }",
      "target: { snowflake: shop, database: SHOP, token: hunter2secret, schema: PUBLIC }",
      "target: { snowflake: shop, database: SHOP, schema: PUBLIC }\npassword: hunter2secret",
      "target: { account: acme, user: bob, passwd: hunter2secret }",
      "target:\n  snowflake: shop\n  database: SHOP\n  schema: PUBLIC\n  private_key: |\n    hunter2secret",
      "target: snowflake://bob:hunter2secret@acme/SHOP",
      "target: { snowflake: shop, database: SHOP, schema: PUBLIC, passwrod: \"hunter2secret\" }",
    ])
  func fields(text: String) throws {
    try expectSilence(
      shopSpec.replacingOccurrences(
        of: "target: { snowflake: shop, database: SHOP, schema: PUBLIC }", with: text))
  }

  @Test(
    "broken YAML beside a secret",
    arguments: [
      "source: { postgres: \"postgres://bob:hunter2secret@db/shop }",
      "source: { postgres: postgres://bob:hunter2secret@db/shop",
      "source: [ postgres: postgres://bob:hunter2secret@db/shop }",
      "source: { postgres: @postgres://bob:hunter2secret@db/shop }",
      "source: { postgres: postgres://bob:hunter2secret@db/shop, postgres: $DATABASE_URL }",
      "source: &x postgres://bob:hunter2secret@db/shop",
      "source: !!str postgres://bob:hunter2secret@db/shop",
      "  source: { postgres: postgres://bob:hunter2secret@db/shop }",
      "\tsource: { postgres: postgres://bob:hunter2secret@db/shop }",
    ])
  func broken(text: String) throws {
    try expectSilence(
      shopSpec.replacingOccurrences(of: "source: { postgres: $DATABASE_URL }", with: text))
  }

  private func expectSilence(_ text: String, location: SourceLocation = #_sourceLocation) throws {
    let sandbox = try Sandbox(["parity.yml": text])
    for arguments in [["validate", "--color", "always"], ["run", "--list"]] {
      let run = try sandbox.start(arguments).finish()
      #expect(!run.all.contains(Self.password), "\(run.all)", sourceLocation: location)
      #expect(run.status == 2, "\(run.all)", sourceLocation: location)
    }
  }
}
