/// An IPv4 address, or all that begin with the same bits.
package struct AddressRange: Hashable, Sendable {
  private let network: UInt32
  private let mask: UInt32

  /// Reads `203.0.113.7` and `203.0.113.0/24`; `nil` for anything else.
  package init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard let address = parts.first.flatMap({ Self.address($0) }), parts.count <= 2 else {
      return nil
    }
    var bits = 32
    if parts.count == 2 {
      guard let given = Self.number(parts[1]), given <= 32 else { return nil }
      bits = given
    }
    mask = bits == 0 ? 0 : ~UInt32(0) << UInt32(32 - bits)
    network = address & mask
  }

  /// Whether the address belongs to it; `nil` for a text that is no IPv4 address.
  package func contains(_ text: String) -> Bool? {
    Self.address(text[...]).map { $0 & mask == network }
  }

  /// Whether the text is an IPv4 address.
  package static func isAddress(_ text: String) -> Bool { address(text[...]) != nil }

  private static func address(_ text: Substring) -> UInt32? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    var address: UInt32 = 0
    for part in parts {
      guard let number = number(part), number <= 255 else { return nil }
      address = address << 8 | UInt32(number)
    }
    return address
  }

  /// One to three digits; a leading zero may mean octal elsewhere, and is refused.
  private static func number(_ text: Substring) -> Int? {
    let digits = text.utf8
    guard (1...3).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }),
      digits.count == 1 || digits.first != UInt8(ascii: "0")
    else { return nil }
    return Int(text)
  }
}
