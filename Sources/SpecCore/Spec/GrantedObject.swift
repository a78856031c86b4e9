/// An object of a list of privileges, as an author writes it: `SHOP.PUBLIC.ORDERS`, or
/// `SHOP.PUBLIC.<TABLE>` for tables that do not exist yet.
package struct GrantedObject: Hashable, Sendable {
  package let name: QualifiedName
  /// What will be created: `TABLE`; `nil` for an object that is there.
  package let future: String?

  package init?(_ text: String) {
    guard text.last == ">" else {
      guard let name = QualifiedName(text) else { return nil }
      self.name = name
      future = nil
      return
    }
    guard let open = text.lastIndex(of: "<") else { return nil }
    let word = text[text.index(after: open)...].dropLast()
    let isWord = word.utf8.allSatisfy { (0x41...0x5A).contains($0) || $0 == UInt8(ascii: " ") }
    guard !word.isEmpty, isWord, text[..<open].last == ".",
      let name = QualifiedName(String(text[..<open].dropLast())), name.parts.count < 3
    else { return nil }
    self.name = name
    future = String(word)
  }
}
