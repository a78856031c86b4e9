import Foundation
import SpecCore
import TestSupport
import Testing

/// `docs/spec.md` against the schema that Parity prints.
@Suite struct LanguagePageTests {
  /// Every field with its meaning, wherever it stands.
  private static func fields(_ schema: JSONValue) -> [(name: String, meaning: String)] {
    switch schema {
    case .object(let members):
      var found: [(String, String)] = []
      for (key, value) in members {
        if key == "properties", case .object(let properties) = value {
          for (name, field) in properties {
            if case .object(let parts) = field,
              case .string(let meaning)? = parts.first(where: { $0.0 == "description" })?.1
            {
              found.append((name, meaning))
            }
          }
        }
        found += fields(value)
      }
      return found
    case .array(let items): return items.flatMap(fields)
    default: return []
    }
  }

  /// Fields that a table's or column's own row explains.
  private static let explained: Set<String> = [
    "within", "source", "target", "except", "because", "column", "lag", "absolute", "relative",
    "all", "snowflake", "postgres",
  ]

  @Test("the page names every field with the schema's words")
  func isComplete() throws {
    let root = try #require(#filePath.components(separatedBy: "/Tests/").first)
    let page = try String(contentsOfFile: "\(root)/docs/spec.md", encoding: .utf8)
    let fields = Self.fields(SpecReader.jsonSchema)
    #expect(fields.count > 50)
    // Each point of the account's baseline may be left out, in the same words.
    let reason = "Why it is left out."
    for (name, meaning) in fields
    where !Self.explained.contains(name) && meaning != reason {
      if meaning.hasPrefix("Not supported by this version") {
        #expect(page.contains("`\(name)`"), "\(name)")
        continue
      }
      let isThere = page.split(separator: "\n").contains { line in
        line.hasPrefix("| `\(name)`") && line.hasSuffix("| \(meaning) |")
      }
      #expect(isThere, "docs/spec.md lacks \(name): \(meaning)")
    }
  }
}
