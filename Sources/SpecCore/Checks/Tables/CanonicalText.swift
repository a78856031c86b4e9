/// Values that an author writes, brought into the form in which the databases compare.
enum CanonicalText {
  /// The canonical text, or `nil` where the text cannot be a value of that form.
  static func of(_ text: String, form: CanonicalForm) -> String? {
    switch form {
    case .text, .trimmedText: text
    case .uuid, .hex: text.lowercased()
    case .boolean: ["true", "false"].contains(text) ? text : nil
    case .number:
      text.first == "{" || text.first == "["
        ? nil : CanonicalJSON.bytes(of: text).map { String(decoding: $0, as: UTF8.self) }
    case .date: days(text)
    case .float64, .float32, .time, .moment, .json: nil
    }
  }

  /// `2026-11-23` as days since 1970-01-01 (days-from-civil after Howard Hinnant).
  private static func days(_ text: String) -> String? {
    let parts = text.split(separator: "-").compactMap { Int($0) }
    guard parts.count == 3, (1...9_999).contains(parts[0]), (1...12).contains(parts[1]),
      (1...31).contains(parts[2])
    else { return nil }
    let year = parts[1] <= 2 ? parts[0] - 1 : parts[0]
    let era = year / 400
    let yearOfEra = year - era * 400
    let month = parts[1] > 2 ? parts[1] - 3 : parts[1] + 9
    let dayOfYear = (153 * month + 2) / 5 + parts[2] - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    let days = era * 146_097 + dayOfEra - 719_468
    return Timestamp(microseconds: Int64(days) * 86_400_000_000).date == text ? String(days) : nil
  }
}
