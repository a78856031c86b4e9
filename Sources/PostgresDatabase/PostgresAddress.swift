import Glibc
internal import SpecCore

/// Where to connect and how: the settings handed to libpq, with the rules for TLS applied.
struct PostgresAddress: Sendable {
  /// What libpq is told; variables, password and service files are left to it.
  private(set) var settings: [PostgresSetting]
  /// What libpq makes of them, to be read, never printed.
  private let effective: [String: String]
  /// Remarks for every report.
  private(set) var notes: [String] = []
  /// Takes these secrets out of messages.
  let redaction: Redaction

  /// Reads the options offline; throws `configuration` when they cannot be right.
  init(_ options: PostgresOptions) throws(DatabaseError) {
    let text = options.url ?? ""
    notes = options.notes
    var settings = try Self.parsed(text)
    let isModeInText = settings.contains { $0.name == "sslmode" }
    settings += Self.imposed(options)
    if let file = options.sslrootcert, !Self.isCertificate(file) {
      throw DatabaseError(
        .configuration, "the certificate file \(file) cannot be read",
        hint: "`sslrootcert` names a PEM file with the authority's certificate")
    }
    let named = Set(settings.map(\.name))
    var merged = Self.dictionary(PostgresHandle.effective(settings))
    for (name, value) in Self.defaults
    where !named.contains(name) && merged[name, default: ""] == "" {
      settings.append(PostgresSetting(name: name, value: value))
    }
    let isModeChosen =
      options.sslmode != nil || isModeInText || options.environment["PGSSLMODE"] != nil
      || merged["sslmode", default: "prefer"] != "prefer"
    let isLoopback = Self.isLoopback(merged)
    if !isModeChosen, !isLoopback {
      settings.append(PostgresSetting(name: "sslmode", value: "require"))
      merged["sslmode"] = "require"
    }
    redaction = Redaction(url: text, settings: merged)
    self.settings = settings
    effective = merged
    try refuseSlips(isURL: text.contains("://"))
    if !isLoopback, ["disable", "allow", "prefer"].contains(sslmode) {
      notes.append("sslmode=\(sslmode) was asked for: encryption was not demanded")
    }
  }

  /// The mode libpq will use.
  var sslmode: String { effective["sslmode", default: "prefer"] }

  /// Seconds for each address; `nil` when `connect_timeout=0` asks for no limit.
  var seconds: Int? {
    guard let given = effective["connect_timeout"].flatMap({ Int($0) }) else { return 10 }
    return given <= 0 ? nil : max(2, given)
  }

  /// Whether libpq checks the certificate against a file it was told of.
  var hasRootCertificate: Bool {
    guard let file = effective["sslrootcert"], !file.isEmpty else { return false }
    return Self.isCertificate(file)
  }

  /// The same, bound to the very server that answered, so that a snapshot can be shared.
  func pinned(host: String, hostAddress: String, port: String) -> PostgresAddress {
    var copy = self
    copy.settings.removeAll { ["host", "hostaddr", "port"].contains($0.name) }
    copy.settings.append(PostgresSetting(name: "host", value: host))
    copy.settings.append(PostgresSetting(name: "port", value: port))
    if !hostAddress.isEmpty {
      copy.settings.append(PostgresSetting(name: "hostaddr", value: hostAddress))
    }
    return copy
  }

  /// Whether this host is the machine itself: a socket, a loopback address or `localhost`.
  static func isLocal(_ host: String) -> Bool {
    host.isEmpty || host.hasPrefix("/") || host.hasPrefix("@") || host == "localhost"
      || host.hasPrefix("127.") || host == "::1"
  }

  // MARK: - Reading

  /// What the connection string names, without quoting it when it is wrong.
  private static func parsed(_ text: String) throws(DatabaseError) -> [PostgresSetting] {
    if text.allSatisfy(\.isWhitespace) { return [] }
    do {
      return try PostgresHandle.settings(in: text)
    } catch {
      // libpq's words quote the text, and the text holds the password.
      throw DatabaseError(
        .configuration, "the connection string cannot be understood", hint: .spelling)
    }
  }

  /// What is set whatever the string says.
  private static func imposed(_ options: PostgresOptions) -> [PostgresSetting] {
    let given = [
      ("sslmode", options.sslmode), ("sslrootcert", options.sslrootcert),
      ("application_name", options.applicationName), ("client_encoding", "UTF8"),
    ]
    return given.compactMap { name, value in value.map { PostgresSetting(name: name, value: $0) } }
  }

  /// A network that has gone silent is noticed within a minute, unless somebody chose otherwise.
  private static let defaults = [
    ("keepalives_idle", "30"), ("keepalives_interval", "10"), ("keepalives_count", "3"),
    ("tcp_user_timeout", "30000"),
  ]

  /// Whether libpq finds authorities there; `system` is its word for those of the machine.
  private static func isCertificate(_ file: String) -> Bool {
    unsafe file == "system" || access(file, R_OK) == 0
  }

  /// By name; a later setting wins, as in libpq.
  private static func dictionary(_ settings: [PostgresSetting]) -> [String: String] {
    Dictionary(settings.map { ($0.name, $0.value) }) { _, last in last }
  }

  /// Whether every host of a list is the machine itself.
  private static func isLoopback(_ settings: [String: String]) -> Bool {
    let addresses = settings["hostaddr", default: ""]
    let hosts = addresses.isEmpty ? settings["host", default: ""] : addresses
    return hosts.split(separator: ",", omittingEmptySubsequences: false).allSatisfy {
      isLocal(String($0))
    }
  }

  /// A password with `@`, `/` or `:` in the clear slips into the host, the port or the database,
  /// and from there into messages.
  private func refuseSlips(isURL: Bool) throws(DatabaseError) {
    guard isURL else { return }
    let isNumeric = effective["port", default: ""].allSatisfy { $0.isNumber || $0 == "," }
    if effective["host", default: ""].contains("@") || !isNumeric
      || effective["dbname", default: ""].contains("@")
    {
      throw DatabaseError(
        .configuration, "the connection URL's user, password and host cannot be told apart",
        hint: .spelling)
    }
  }
}

extension String {
  /// How a connection string is spelt.
  fileprivate static let spelling =
    "write postgres://USER:PASSWORD@HOST:PORT/DATABASE and percent-encode special characters of"
    + " the password (`@` is %40, `/` is %2F, `%` is %25)"
}
