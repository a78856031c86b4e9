package import Cryptography
package import SpecCore

/// The proxy that requests to a host go through, as `HTTPS_PROXY` and `NO_PROXY` say.
package struct ProxyAddress: Hashable, Sendable {
  package let host: String
  package let port: Int
  /// User and password, when the variable holds them.
  package let login: Login?

  /// A user name and a password for the proxy.
  package struct Login: Hashable, Sendable {
    package let user: String
    package let password: Secret
  }

  /// Nil when the host is reached directly: no variable, loopback, or named in `NO_PROXY`.
  package init?(
    to host: String, environment: [String: String]
  ) throws(DatabaseError) {
    func variable(_ name: String) -> String? {
      let value = environment[name] ?? environment[name.lowercased()]
      return value.flatMap { $0.isEmpty ? nil : $0 }
    }
    guard let url = variable("HTTPS_PROXY") else { return nil }
    for entry in (variable("NO_PROXY") ?? "").split(separator: ",") {
      let name = entry.filter { !$0.isWhitespace }.lowercased()
      let suffix = name.hasPrefix(".") ? name : ".\(name)"
      if name == "*" || host == name || host.hasSuffix(suffix) { return nil }
    }
    try self.init(url: url)
  }

  /// Reads `http://user:password@host:port`; the message of an error holds none of it.
  private init(url: String) throws(DatabaseError) {
    let wrong = DatabaseError(
      .configuration, "HTTPS_PROXY is not a proxy that can be used",
      hint: "write http://host:port; a proxy that wants TLS or SOCKS itself is not supported")
    var rest = url[...]
    if let mark = rest.firstRange(of: "://") {
      guard rest[..<mark.lowerBound].lowercased() == "http" else { throw wrong }
      rest = rest[mark.upperBound...]
    }
    rest = rest.prefix { $0 != "/" }
    var login: Login?
    if let mark = rest.lastIndex(of: "@") {
      let parts = rest[..<mark].split(
        separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      guard let user = parts.first.flatMap(unescaped) else { throw wrong }
      guard let password = parts.count == 2 ? unescaped(parts[1]) : "" else { throw wrong }
      login = Login(user: user, password: Secret(password))
      rest = rest[rest.index(after: mark)...]
    }
    let parts = rest.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count <= 2, let host = parts.first, !host.isEmpty else { throw wrong }
    guard let port = parts.count == 2 ? Int(parts[1]) : 80, 1...65_535 ~= port else { throw wrong }
    self.host = String(host)
    self.port = port
    self.login = login
  }
}

/// The text with `%41` and its like decoded, or nil when that is not possible.
private func unescaped(_ text: Substring) -> String? {
  var bytes: [UInt8] = []
  var rest = Array(text.utf8)[...]
  while let byte = rest.popFirst() {
    guard byte == UInt8(ascii: "%") else {
      bytes.append(byte)
      continue
    }
    let digits = String(decoding: rest.prefix(2), as: UTF8.self)
    guard rest.count >= 2, let value = UInt8(digits, radix: 16) else { return nil }
    bytes.append(value)
    rest = rest.dropFirst(2)
  }
  return String(validating: bytes, as: UTF8.self)
}
