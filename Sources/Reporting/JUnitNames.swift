/// Names that no reader trips over: dotted, in one line, not too long, each there once.
struct JUnitNames {
  /// Longer names are cut by some readers' databases.
  static let longest = 255

  private var taken: Set<String> = []

  /// The name, with a number behind it where it was given out before.
  mutating func unique(_ name: String) -> String {
    var candidate = cut(name, to: Self.longest)
    var number = 2
    while !taken.insert(candidate).inserted {
      let suffix = "~\(number)"
      candidate = cut(name, to: Self.longest - suffix.count) + suffix
      number += 1
    }
    return candidate
  }

  /// A dotted name without blanks; one without a dot gets `parity.` in front, as Jenkins files
  /// such names under `(root)`.
  static func dotted(_ name: String) -> String {
    let parts = oneLine(name).split(separator: ".").map { part in
      String(part.map { $0.isWhitespace ? "_" : $0 })
    }
    let name = parts.joined(separator: ".")
    return parts.count > 1 ? name : name.isEmpty ? "parity.run" : "parity.\(name)"
  }

  /// The path as readers join it to the repository's root: relative, with `/`, not upwards.
  static func path(_ path: String) -> String {
    let parts = oneLine(path).replacing("\\", with: "/").split(separator: "/")
    let isOutside = path.hasPrefix("/") || parts.contains("..") || parts.first?.last == ":"
    let name = isOutside ? parts.last.map(String.init) : parts.joined(separator: "/")
    return name ?? "spec.yml"
  }

  /// A type that GitLab's reader does not take for an instruction to cast the text.
  static func type(_ type: String) -> String {
    let word = oneLine(type)
    if word.isEmpty { return "mismatch" }
    return casts.contains(word) ? "\(word)_mismatch" : word
  }

  private static let casts: Set<String> = [
    "symbol", "yaml", "array", "file", "date", "datetime", "integer", "float", "decimal", "double",
    "boolean", "string", "duration", "base64Binary", "hexBinary",
  ]
}
