import SpecCore
import Testing

/// dbt's `profiles.yml`, as far as it is read.
@Suite struct ProfilesTests {
  static let shop = """
    config: { send_anonymous_usage_stats: false }
    base: &base
      type: postgres
      host: db.example.com
      user: reader
      password: base-secret
    shop:
      target: dev
      outputs:
        dev: { <<: *base, dbname: dev }
        prod:
          <<: *base
          port: "{{ env_var('DBT_PORT') | as_number }}"
          dbname: "{{ env_var('DBT_DB', 'shop') }}"
          password: "pre-{{env_var(\\"DBT_SECRET\\")}}-post"
          keepalives_idle: 0
          threads: 4
          schema: ~
        lake:
          type: snowflake
          account: org_acc-x
          password: "{{ var('x') }}"
          warehouse: "{% if true %}a{% endif %}"
          token: |
            {{ env_var('A' ~ 'B') }}
        twice: { type: postgres, host: a, host: b }
        big: { type: bigquery, host: a }
        untyped: { host: a }
        listed: { type: postgres, host: [a] }
    """

  private func output(
    _ name: String, of profile: String = "shop", _ environment: [String: String] = [:],
    text: String = shop
  ) -> Result<ProfileOutput, DatabaseError> {
    do throws(DatabaseError) {
      return .success(
        try ProfilesFile(text, path: "profiles.yml")
          .output(name, of: profile, environment: environment))
    } catch {
      return .failure(error)
    }
  }

  @Test("variables, defaults, merge keys and dbt's own fields")
  func values() throws {
    let found = try output("prod", ["DBT_PORT": "6543", "DBT_SECRET": "s'3"]).get()
    #expect(found.engine == .postgres)
    #expect(found.title == "prod of profile shop")
    #expect(found.text("host") == "db.example.com")
    #expect(found.text("port") == "6543")
    #expect(found.text("dbname", "database") == "shop")
    // What is written out wins over what is merged.
    #expect(found.text("password", "pass") == "pre-s'3-post")
    #expect(found.text("schema") == nil)
    #expect(found.text("threads") == nil)
    #expect(try output("dev").get().text("password") == "base-secret")
  }

  @Test("printing a connection shows none of its values")
  func printing() throws {
    let found = try output("dev").get()
    var dumped = ""
    dump(found, to: &dumped)
    for text in ["\(found)", String(reflecting: found), dumped] {
      #expect(!text.contains("base-secret"), "\(text)")
    }
  }

  @Test(
    "what is not read is told with its place, and never quoted",
    arguments: [
      (
        "prod", ["DBT_SECRET": "s"],
        "profiles.yml:13:13: `port` of output prod of profile shop wants the variable "
          + "DBT_PORT, which is not set"
      ),
      (
        "prod", ["DBT_PORT": "5432; x", "DBT_SECRET": "s"],
        "wants a number in the variable DBT_PORT"
      ),
      ("lake", [:], "profiles.yml:22:17: `password` of output lake of profile shop holds Jinja"),
      ("twice", [:], "`host` stands here twice"),
      ("big", [:], "of a type that Parity does not know"),
      ("untyped", [:], "has no `type:`"),
      ("listed", [:], "`host` of output listed of profile shop is not a single value"),
      ("prdo", [:], "there is no output prdo; there are dev, prod, lake"),
    ])
  func refused(_ name: String, _ environment: [String: String], _ words: String) {
    guard case .failure(let error) = output(name, environment) else {
      Issue.record("\(name) is read")
      return
    }
    #expect(error.kind == .configuration)
    #expect(error.message.contains(words), "\(error.message)")
    #expect(!"\(error)".contains("secret"))
  }

  @Test(
    "Jinja that could compute anything",
    arguments: [
      "{{ var('x') }}", "{% set x = 1 %}", "{# x #}", "{{ env_var(name) }}",
      "{{ env_var('A') ~ 'b' }}", "{{ env_var('A') | upper }}", "{{ env_var('A', default='b') }}",
      "{{ env_var('A\\n') }}", "{{ env_var('') }}", "{{ env_var('A' }}", "{{ env_var('A')", "{{",
      "{{ env_var('A', 'b', 'c') }}", "{{- env_var('A') }}", "{{ env_variable('A') }}",
    ])
  func template(_ text: String) {
    let file =
      "p: { outputs: { o: { type: postgres, host: \"\(text.replacing("\\", with: "\\\\"))\" } } }"
    guard case .failure(let error) = output("o", of: "p", ["A": "1", "": "2"], text: file) else {
      Issue.record("\(text) is read")
      return
    }
    #expect(error.message.contains("holds Jinja that is not read here"), "\(error.message)")
    #expect(error.hint?.contains("env_var('NAME', 'default')") == true)
  }

  @Test("a value without Jinja stays as it is, and values are not read as Jinja again")
  func verbatim() throws {
    let file =
      "p: { outputs: { o: { type: postgres, host: 'a{b}c', user: \"{{ env_var('A') }}\" } } }"
    let found = try output("o", of: "p", ["A": "{{ env_var('B') }}"], text: file).get()
    #expect(found.text("host") == "a{b}c")
    #expect(found.text("user") == "{{ env_var('B') }}")
  }

  @Test("a file that is no YAML is not quoted")
  func notYAML() {
    guard case .failure(let error) = output("o", text: "shop:\n  password: {{ hunter2 }}: x\n")
    else {
      Issue.record("it is read")
      return
    }
    #expect(error.message.hasPrefix("profiles.yml:2"), "\(error.message)")
    #expect(!"\(error)".contains("hunter2"))
  }

  @Test("profiles that are not there", arguments: [("shpo", "did you mean shop?"), ("x", nil)])
  func missing(_ profile: String, _ hint: String?) {
    guard case .failure(let error) = output("dev", of: profile) else {
      Issue.record("it is read")
      return
    }
    #expect(error.message.contains("there is no profile \(profile); there are base, shop"))
    #expect(error.hint == hint)
  }
}
