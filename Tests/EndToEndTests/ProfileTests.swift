import Foundation
import Testing

extension Live {
  /// Connections that dbt's `profiles.yml` names.
  @Suite("dbt's profiles")
  struct ProfileTests {
    let shop = Result { try Shop.shared() }

    /// A folder whose spec takes both sides from the profile `shop`.
    private func sandbox(
      profiles place: String? = "profiles.yml", replacing old: String = "", by new: String = ""
    ) throws -> Sandbox {
      let made = try shop.get()
      let parts = try #require(URLComponents(string: Servers.postgres))
      let lines = try Standin.shared().connections().components(separatedBy: "\n")
      func value(_ key: String) -> String {
        lines.first { $0.hasPrefix("\(key) = ") }?.dropFirst(key.count + 3)
          .trimmingCharacters(in: ["\""]) ?? ""
      }
      let sandbox = try Sandbox([
        "shop.yml": """
        version: 1
        name: Shop
        source: { postgres: legacy, profile: shop, sslmode: disable }
        target: { snowflake: lake, profile: shop, database: \(made.target), schema: PUBLIC }
        unlisted_tables: ignore
        tables: [orders]

        """
      ])
      let text = """
        shop:
          target: lake
          outputs:
            legacy:
              type: postgres
              host: \(parts.host ?? "127.0.0.1")
              port: "{{ env_var('LEGACY_PORT') | as_number }}"
              user: "{{ env_var('LEGACY_USER', '\(parts.user ?? "postgres")') }}"
              password: "{{ env_var('LEGACY_PASSWORD', 'hunter2secret') }}"
              dbname: \(made.database)
              schema: elsewhere
              keepalives_idle: 0
              threads: 4
            lake:
              type: snowflake
              account: \(value("account"))
              user: \(value("user"))
              authenticator: SNOWFLAKE_JWT
              private_key_path: \(value("private_key_file"))
              host: \(value("host"))
              port: \(value("port"))
              protocol: \(value("protocol"))
              role: "{{ env_var('LAKE_ROLE', '\(value("role"))') }}"
              warehouse: \(value("warehouse"))
              database: NOWHERE
              schema: NOWHERE
              token: "{{ env_var('UNSET', 'hunter3secret') }}"

        """
      if let place {
        try sandbox.write(
          old.isEmpty ? text : text.replacingOccurrences(of: old, with: new), to: place)
        chmod(sandbox.file(place), 0o600)
      }
      sandbox.environment["LEGACY_PORT"] = String(parts.port ?? 5432)
      sandbox.environment["SNOWFLAKE_HOME"] = Servers.snowflakeHome
      return sandbox
    }

    @Test(
      "both sides are reached by their outputs; the spec's database and schema win (emulated)",
      arguments: ["profiles.yml", "home/.dbt/profiles.yml", "conf/profiles.yml"])
    func places(_ place: String) throws {
      let sandbox = try sandbox(profiles: place)
      if place.hasPrefix("conf") {
        sandbox.environment["DBT_PROFILES_DIR"] = sandbox.file("conf")
      }
      let report = try sandbox.report(secrets: ["hunter2secret", "hunter3secret"])
      #expect(report.run.status == 0, "\(report.run.all)")
      #expect(report.json.target == "snowflake lake of profile shop")
      #expect(report.json.count("passed") > 4)
    }

    @Test("plan and validate need neither the file nor its variables")
    func offline() throws {
      let sandbox = try sandbox(profiles: nil)
      sandbox.environment["LEGACY_PORT"] = nil
      for command in ["plan", "validate"] {
        let run = try sandbox.parity(command, "shop.yml")
        #expect(run.status == 0, "\(run.all)")
      }
      let run = try sandbox.parity("run", "shop.yml")
      #expect(run.status == 2)
      #expect(run.errors.contains("there is no profiles.yml"), "\(run.errors)")
      #expect(run.errors.contains("home/.dbt/profiles.yml"), "\(run.errors)")
    }

    @Test(
      "what cannot be read is told with its place and without its value: exit 2 (emulated)",
      arguments: [
        ("{{ env_var('LEGACY_PORT') | as_number }}", "{{ env_var('NO_PORT') }}", "NO_PORT"),
        (
          "{{ env_var('LEGACY_PASSWORD', 'hunter2secret') }}", "{{ var('hunter2secret') }}",
          "profiles.yml:9:17"
        ),
        ("type: snowflake", "type: bigquery", "of a type that Parity does not know"),
        ("    legacy:", "    legacyy:", "did you mean legacyy?"),
        ("private_key_path", "key_path", "has no private key"),
        (
          "authenticator: SNOWFLAKE_JWT", "password: hunter2secret\n      authenticator: snowflake",
          "passwords do not work"
        ),
      ])
    func refused(_ old: String, _ new: String, _ words: String) throws {
      let run = try sandbox(replacing: old, by: new).parity("run", "shop.yml")
      #expect([2, 3].contains(run.status), "\(run.all)")
      #expect(run.all.contains(words), "\(run.all)")
      #expect(!run.all.contains("hunter2secret"))
    }

    @Test("a file that others may write to is refused (emulated)")
    func writable() throws {
      let sandbox = try sandbox()
      chmod(sandbox.file("profiles.yml"), 0o666)
      let run = try sandbox.parity("run", "shop.yml")
      #expect(run.status == 2)
      #expect(run.errors.contains("can be changed by group or others"))
    }

    @Test("a name in place of a variable stays a mistake where no profile is named")
    func noProfile() throws {
      let sandbox = try sandbox()
      let spec = try #require(sandbox.read("shop.yml"))
      try sandbox.write(
        spec.replacingOccurrences(of: "legacy, profile: shop", with: "hunter2secret"),
        to: "shop.yml")
      let run = try sandbox.parity("validate", "shop.yml")
      #expect(run.status == 2)
      #expect(run.errors.contains("expected the name of an environment variable"))
      #expect(!run.all.contains("hunter2secret"))
    }
  }
}
