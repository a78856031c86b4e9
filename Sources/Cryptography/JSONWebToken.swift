import FoundationEssentials

/// A JSON Web Token with the four claims a key-pair login needs, signed with RS256.
///
/// Times are whole seconds: fractions are allowed by the standard and refused by Snowflake.
package struct JSONWebToken: Hashable, Sendable {
  /// The claim `iss`.
  package let issuer: String
  /// The claim `sub`.
  package let subject: String
  /// The claim `iat`, in seconds since 1970.
  package let issuedAt: Int
  /// The claim `exp`, in seconds since 1970.
  package let expiresAt: Int

  package init(issuer: String, subject: String, issuedAt: Int, expiresAt: Int) {
    self.issuer = issuer
    self.subject = subject
    self.issuedAt = issuedAt
    self.expiresAt = expiresAt
  }

  /// `header.claims.signature`, each part in base64url without padding.
  package func signed(with key: RSAKey) throws(RSAKeyError) -> Secret {
    let header = #"{"alg":"RS256","typ":"JWT"}"#
    let text = "\(base64URL(header.utf8)).\(base64URL(claims.utf8))"
    let signature = try key.signature(over: Array(text.utf8))
    return Secret("\(text).\(base64URL(signature))")
  }

  private var claims: String {
    #"{"exp":\#(expiresAt),"iat":\#(issuedAt),"iss":\#(quoted(issuer)),"sub":\#(quoted(subject))}"#
  }
}

/// A JSON string, escaped as far as JSON demands it.
private func quoted(_ text: String) -> String {
  var quoted = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"", "\\": quoted += "\\\(scalar)"
    case _ where scalar.value < 0x20:
      let digits = String(scalar.value, radix: 16)
      quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    default: quoted.unicodeScalars.append(scalar)
    }
  }
  return quoted + "\""
}

/// Base64 with `-` and `_` and without `=` (RFC 4648, section 5).
private func base64URL(_ bytes: some Sequence<UInt8>) -> String {
  let standard = Data(bytes).base64EncodedString()
  return String(
    standard.compactMap { character -> Character? in
      switch character {
      case "+": "-"
      case "/": "_"
      case "=": nil
      default: character
      }
    })
}
