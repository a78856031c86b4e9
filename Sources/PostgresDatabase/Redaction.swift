/// Takes secrets out of words that others wrote.
struct Redaction: Sendable {
  /// Longest first, so that no part of one is left.
  private let secrets: [String]

  /// Knows the passwords of a connection string, as they are written and as they are meant.
  init(url: String, settings: [String: String]) {
    var found = ["password", "sslpassword"].compactMap { settings[$0] }
    if let written = Self.password(in: url) { found.append(written) }
    // Names are in every report; a password that equals one of them is not given away by it.
    let open = ["user", "dbname", "host", "port"].compactMap { settings[$0] }
    secrets = Set(found).subtracting(open).filter { !$0.isEmpty }
      .sorted { $0.utf8.count > $1.utf8.count }
  }

  /// The text without the secrets and without the password of any `//user:password@`.
  func callAsFunction(_ text: String) -> String {
    var text = text
    for secret in secrets { text = text.replacing(secret, with: "•••") }
    return text.replacing(/:\/\/([^:@\/\s]*):[^@\s]*@/) { "://\($0.output.1):•••@" }
  }

  /// The password as the URL spells it.
  private static func password(in url: String) -> String? {
    guard let match = url.firstMatch(of: /:\/\/[^:@\/]*:([^@\/]*)@/) else { return nil }
    return String(match.output.1)
  }
}
