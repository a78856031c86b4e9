package import SpecCore

/// Which account a connection means, and where its server is.
package struct AccountAddress: Hashable, Sendable {
  /// The account as it stands in a JWT: upper case, without region, without dots.
  package let account: String
  /// `https`, or `http` on loopback.
  package let scheme: String
  package let host: String
  /// Nil for the scheme's own port.
  package let port: Int?

  /// Reads `account`, `region`, `host`, `port` and `protocol` of a connection.
  package init(_ settings: ConnectionSettings) throws(DatabaseError) {
    let given = try settings.required("account")
    let parts = given.lowercased().split(separator: ".", omittingEmptySubsequences: false)
    guard parts.allSatisfy(isLabel) else {
      throw DatabaseError(
        .configuration, "account \(given) of connection \(settings.name) is not an account name",
        hint: "write ORGANISATION-ACCOUNT, or a locator such as xy12345.eu-central-1, not an URL")
    }
    account = Self.issuer(parts).uppercased()
    scheme = try Self.scheme(settings)
    host = try Self.host(settings, parts)
    port = try Self.port(settings)
    guard scheme == "https" || isLoopback(host) else {
      throw DatabaseError(
        .configuration, "connection \(settings.name) asks for http to \(host)",
        hint: "remove `protocol`; without TLS Parity speaks to a server on loopback only")
    }
  }

  /// `https://host:port`, without a slash at the end.
  package var origin: String {
    let name = host.contains(":") ? "[\(host)]" : host
    return "\(scheme)://\(name)" + (port.map { ":\($0)" } ?? "")
  }

  /// Whether the host is this very machine.
  package var isLocal: Bool { isLoopback(host) }

  /// `org-account`, or a locator without its region (`locator.region.cloud`).
  private static func issuer(_ parts: [Substring]) -> String {
    if isOrganisation(parts) { return parts.joined(separator: "-") }
    guard parts.count > 1, parts[1] == "global" else { return String(parts[0]) }
    return String(parts[0].prefix { $0 != "-" })
  }

  /// Whether `a.b` is an organisation and an account: regions have a hyphen, accounts do not.
  private static func isOrganisation(_ parts: [Substring]) -> Bool {
    parts.count == 2 && !parts[1].contains("-") && parts[1] != "global"
      && parts[1] != "privatelink"
  }

  private static func host(
    _ settings: ConnectionSettings, _ parts: [Substring]
  ) throws(DatabaseError) -> String {
    if let host = settings.text("host")?.lowercased() {
      let name = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
      let isName = name.split(separator: ".", omittingEmptySubsequences: false).allSatisfy(isLabel)
      guard isName || isLoopback(name) else {
        throw DatabaseError(
          .configuration, "host \(host) of connection \(settings.name) is not a host name",
          hint: "write the name alone, without https:// and without a path")
      }
      return name
    }
    let region = settings.text("region")?.lowercased() ?? ""
    var labels = isOrganisation(parts) ? [parts.joined(separator: "-")] : parts.map(String.init)
    // `us-west-2` is where locators without a region live; naming it would make another host.
    if !region.isEmpty { labels = [labels[0]] + (region == "us-west-2" ? [] : [region]) }
    // Host names have no underscore; Snowflake answers to the name with hyphens.
    let name = labels.joined(separator: ".").split(separator: "_", omittingEmptySubsequences: false)
    let isChinese = labels.count > 1 && labels[1].hasPrefix("cn-")
    return name.joined(separator: "-") + ".snowflakecomputing." + (isChinese ? "cn" : "com")
  }

  private static func scheme(_ settings: ConnectionSettings) throws(DatabaseError) -> String {
    let scheme = settings.text("protocol")?.lowercased() ?? "https"
    guard scheme == "https" || scheme == "http" else {
      throw DatabaseError(
        .configuration, "protocol \(scheme) of connection \(settings.name) is not known",
        hint: "remove it: https is the default")
    }
    return scheme
  }

  private static func port(_ settings: ConnectionSettings) throws(DatabaseError) -> Int? {
    guard let text = settings.text("port") else { return nil }
    guard let port = Int(text), (1...65_535).contains(port) else {
      throw DatabaseError(
        .configuration, "port \(text) of connection \(settings.name) is not a port number")
    }
    return port
  }
}

/// Whether the text can stand between two dots of a host name.
private func isLabel(_ text: some StringProtocol) -> Bool {
  !text.isEmpty
    && text.allSatisfy { character in
      character.isASCII && (character.isLetter || character.isNumber) || "-_".contains(character)
    }
}

private func isLoopback(_ host: String) -> Bool {
  if host == "localhost" || host == "::1" { return true }
  let parts = host.split(separator: ".", omittingEmptySubsequences: false)
  return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
}
