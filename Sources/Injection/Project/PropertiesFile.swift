import Diagnostics
import YAMLSource

/// The hooks of `dbt_project.yml` or of a file of properties, and the comments that speak to Parity.
///
/// Nothing else of these files becomes SQL that a rule is about.
struct PropertiesFile {
  /// One hook, which is a template of its own.
  struct Hook {
    /// Its text, with the place of each byte in the file.
    let code: Code
    /// The lines from its name to its end, for which a comment above speaks.
    let lines: ClosedRange<Int>
  }

  private(set) var hooks: [Hook] = []
  /// Comments outside of texts, from their sign to the end of the line.
  private(set) var comments: [Range<Int>] = []
  /// Why the file could not be read.
  private(set) var problems: [Problem] = []
  private var seen: Set<Int> = []
  /// Where texts stand, in which a `#` begins no comment.
  private var texts: [Range<Int>] = []

  /// Reads a file; hooks of a whole run stand in `dbt_project.yml` only.
  init(_ text: String, _ bytes: [UInt8], isProject: Bool) {
    let file = SourceFile(name: "", text: text)
    do throws(DiagnosticsError) {
      let root = try YAMLParser.parseForeign(file)
      if isProject, case .mapping(let entries) = root.content {
        for entry in entries where Self.runs.contains(Self.plain(entry.name)) {
          take(entry.value, from: entry.key.range.start.line, bytes)
        }
      }
      gather(root, bytes)
    } catch {
      problems = error.diagnostics.prefix(1).map {
        Problem(offset: $0.range.start.offset, reason: $0.message.text)
      }
      return
    }
    hooks.sort { $0.code.origin(0) < $1.code.origin(0) }
    findComments(bytes)
  }

  private static let runs: Set<String> = ["on-run-start", "on-run-end"]
  private static let names: Set<String> = ["pre-hook", "post-hook"]

  /// `pre-hook` for `+pre_hook`.
  private static func plain(_ name: String) -> String {
    String((name.first == "+" ? name.dropFirst() : name[...]).map { $0 == "_" ? "-" : $0 })
  }

  private mutating func gather(_ node: Node, _ bytes: [UInt8]) {
    switch node.content {
    case .scalar: texts.append(node.range.start.offset..<node.range.end.offset)
    case .sequence(let items): for item in items { gather(item, bytes) }
    case .mapping(let entries):
      for entry in entries {
        if Self.names.contains(Self.plain(entry.name)) {
          take(entry.value, from: entry.key.range.start.line, bytes)
        }
        gather(entry.value, bytes)
      }
    }
  }

  /// Takes a hook in, a list of them, or one written as `{sql:, transaction:}`.
  private mutating func take(_ node: Node, from line: Int, _ bytes: [UInt8]) {
    switch node.content {
    case .scalar(let text, let isPlain):
      let range = node.range.start.offset..<node.range.end.offset
      guard !node.isNull, seen.insert(range.lowerBound).inserted else { return }
      let first = min(line, node.range.start.line)
      hooks.append(
        Hook(
          code: ScalarPlaces.code(of: text, at: range, in: bytes, isPlain: isPlain),
          lines: first...max(first, node.range.end.line)))
    case .sequence(let items): for item in items { take(item, from: item.range.start.line, bytes) }
    case .mapping(let entries):
      for entry in entries where entry.name == "sql" {
        take(entry.value, from: entry.key.range.start.line, bytes)
      }
    }
  }

  private mutating func findComments(_ bytes: [UInt8]) {
    var start = 0
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
      if let sign = Self.comment(bytes, start..<end),
        !texts.contains(where: { $0.contains(sign) })
      {
        comments.append(sign..<end)
      }
      start = end + 1
    }
  }

  /// Where a comment to Parity begins on a line.
  private static func comment(_ bytes: [UInt8], _ line: Range<Int>) -> Int? {
    var previous = UInt8(ascii: " ")
    for index in line {
      if bytes[index] == UInt8(ascii: "#"), previous.isBlank {
        var next = index
        while next < line.upperBound, bytes[next] == UInt8(ascii: "#") || bytes[next].isBlank {
          next += 1
        }
        if bytes.holds("parity:", at: next) { return index }
      }
      previous = bytes[index]
    }
    return nil
  }
}
