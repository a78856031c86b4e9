/// The text without what is unmistakably a secret.
///
/// Secrets should never come as far as a result. This is the net below: it knows passwords in
/// URLs and connection strings, private keys and JSON web tokens, and nothing that could be data.
func redacted(_ text: String) -> String {
  let signs = SecretSigns(in: text)
  guard signs != SecretSigns() else { return text }
  var text = text
  if signs.hasURL {
    text = text.replacing(/([A-Za-z][A-Za-z0-9+.\-]*:\/\/[^\/\s:@]*:)[^@\s*]+@/) {
      "\($0.output.1)***@"
    }
  }
  if signs.hasToken {
    text = text.replacing(/eyJ[A-Za-z0-9_\-]{10,}\.[A-Za-z0-9_\-]{10,}\.[A-Za-z0-9_\-]*/) { _ in
      "eyJ***"
    }
  }
  if signs.hasKey {
    text = text.replacing(/(?s)-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*-----|$)/) {
      _ in "(private key)"
    }
  }
  if signs.hasPassword {
    text = text.replacing(/(?i)((?:password|passwd|pwd)=['"]?)[^\s'"*&;]+/) {
      "\($0.output.1)***"
    }
  }
  return text
}

/// What in a text could be a secret, found in one pass: expressions are too slow for every cell.
private struct SecretSigns: Hashable {
  var hasURL = false
  var hasToken = false
  var hasKey = false
  var hasPassword = false

  init() {}

  init(in text: String) {
    // The four bytes read last, the latest one lowest.
    var last: UInt32 = 0
    for byte in text.utf8 {
      last = last << 8 | UInt32(byte)
      switch byte {
      case UInt8(ascii: "/") where last & 0xFF_FFFF == 0x3A_2F2F: hasURL = true
      case UInt8(ascii: "J") where last & 0xFF_FFFF == 0x65_794A: hasToken = true
      case UInt8(ascii: "-") where last == 0x2D2D_2D2D: hasKey = true
      // The words for a password end in "rd" or "wd", in capitals or not.
      case UInt8(ascii: "="):
        let word = (last >> 8 & 0xFFFF) | 0x2020
        if word == 0x7264 || word == 0x7764 { hasPassword = true }
      default: break
      }
    }
  }
}
