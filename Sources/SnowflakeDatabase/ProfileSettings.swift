import Cryptography
package import SpecCore

extension ConnectionSettings {
  /// What one of dbt's connections says, in the words of Snowflake's own files.
  package init(_ output: ProfileOutput, notes: [String] = []) throws(DatabaseError) {
    guard output.engine == .snowflake else {
      throw DatabaseError(
        .configuration, "\(output.path): output \(output.title) is not of type snowflake",
        hint: "name an output of type snowflake behind `snowflake:`")
    }
    if output.text("oauth_client_id") != nil {
      throw DatabaseError(
        .configuration,
        "\(output.path): output \(output.title) logs in by a refresh token, which Parity cannot",
        hint: "use a key (private_key_path), or an access token (authenticator: oauth, token)")
    }
    var values: [String: Secret] = [:]
    func take(_ name: String, as other: String? = nil) {
      values[other ?? name] = output.text(name).map(Secret.init)
    }
    for name in [
      "user", "password", "role", "database", "warehouse", "schema", "authenticator", "host",
      "port",
      "protocol", "private_key_path", "private_key_passphrase", "token",
    ] {
      take(name)
    }
    take("private_key", as: "private_key_raw")
    // dbt does the same: host names have hyphens.
    let account = try output.required("account")
      .split(separator: "_", omittingEmptySubsequences: false).joined(separator: "-")
    values["account"] = Secret(account)
    self.init(name: output.title, values: values, notes: notes, profile: output.path)
  }
}
