/// Texts compared as their bytes: Swift's own comparison calls composed and decomposed letters
/// equal, and databases do not.
enum ByteOrder {
  /// Whether both are the same bytes, or both NULL.
  static func isSame(_ left: String?, _ right: String?) -> Bool {
    switch (left, right) {
    case (nil, nil): true
    case (let one?, let other?): compare(one, other) == 0
    default: false
    }
  }

  /// Negative, zero or positive as the left bytes come first, are the same, or come last.
  static func compare(_ left: String, _ right: String) -> Int {
    withBytes(left, right) { one, other in
      let common = min(one.count, other.count)
      for index in 0..<common where one[index] != other[index] {
        return one[index] < other[index] ? -1 : 1
      }
      return one.count - other.count
    }
  }

  /// The same for whole numbers in decimal digits without leading zeros; `nil` where one is not.
  static func compareWholeNumbers(_ left: String, _ right: String) -> Int? {
    withBytes(left, right) { one, other in
      guard isWholeNumber(one), isWholeNumber(other) else { return nil }
      let isNegative = one[0] == UInt8(ascii: "-")
      if isNegative != (other[0] == UInt8(ascii: "-")) { return isNegative ? -1 : 1 }
      var order = one.count - other.count
      for index in one.indices where order == 0 { order = Int(one[index]) - Int(other[index]) }
      return isNegative ? -order : order
    }
  }

  private static func isWholeNumber(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let first = bytes.first else { return false }
    let digits = first == UInt8(ascii: "-") ? bytes.dropFirst() : bytes[...]
    guard let head = digits.first, head != UInt8(ascii: "0") || bytes.count == 1 else {
      return false
    }
    return digits.allSatisfy { (0x30...0x39).contains($0) }
  }

  /// Lends both texts' bytes; texts that came from a database lie in one piece.
  private static func withBytes<Result>(
    _ left: String, _ right: String,
    _ body: (UnsafeBufferPointer<UInt8>, UnsafeBufferPointer<UInt8>) -> Result
  ) -> Result {
    let quick = left.utf8.withContiguousStorageIfAvailable { one in
      right.utf8.withContiguousStorageIfAvailable { other in body(one, other) }
    }
    if case .some(.some(let result)) = quick { return result }
    return ContiguousArray(left.utf8).withUnsafeBufferPointer { one in
      ContiguousArray(right.utf8).withUnsafeBufferPointer { other in body(one, other) }
    }
  }
}
