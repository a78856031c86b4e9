import Foundation
import TestSupport
import Testing

/// The repository's files, as rules about them need them.
enum SourceTree {
  /// A text file with its path from the repository's root.
  struct File: CustomTestStringConvertible, Sendable {
    let path: String
    let lines: [String]

    var testDescription: String { path }

    /// The first folder below `Sources`.
    var target: String {
      let parts = path.split(separator: "/")
      return parts.count > 2 && parts[0] == "Sources" ? String(parts[1]) : ""
    }

    /// Lines without what stands in comments and in the text of literals, numbered from 1.
    var code: [(number: Int, text: String)] {
      var isInText = false
      return lines.enumerated().compactMap { index, line in
        let isEdge = line.utf8.contains(UInt8(ascii: "\"")) && line.contains("\"\"\"")
        defer { if isEdge { isInText.toggle() } }
        return isInText ? nil : (index + 1, Self.bare(line))
      }
    }

    /// The line up to its comment, its literals empty.
    private static func bare(_ line: String) -> String {
      var bytes: [UInt8] = []
      var isQuoted = false
      var previous: UInt8 = 0
      for byte in line.utf8 {
        let isMark = byte == UInt8(ascii: "\"") && previous != UInt8(ascii: "\\")
        if isMark { isQuoted.toggle() }
        if !isQuoted, byte == UInt8(ascii: "/"), previous == byte { break }
        if !isQuoted || isMark { bytes.append(byte) }
        previous = byte == previous && byte == UInt8(ascii: "\\") ? 0 : byte
      }
      return String(decoding: bytes, as: UTF8.self)
    }

    /// The modules it imports.
    var imports: [String] {
      code.compactMap { line in
        guard line.text.contains("import ") else { return nil }
        return line.text.firstMatch(of: /^\s*(?:@\w+ )*(?:\w+ )?import (?:\w+ )?(\w+)/).map {
          String($0.1)
        }
      }
    }
  }

  /// The folder of `Package.swift`, whichever way the tests were reached.
  static let root: URL = {
    var folder = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
    for _ in 0..<3 { folder.deleteLastPathComponent() }
    return folder
  }()

  /// The Swift files below `Sources`.
  static let sources = files(below: "Sources").filter { $0.path.hasSuffix(".swift") }

  /// Everything that is a part of the repository and text.
  static let texts = ["", ".ci", "Benchmarks", "Sources", "Tests", "docs", "examples", "specs"]
    .flatMap { files(below: $0) }

  /// The text files of a folder and, but for the root itself, of the folders in it.
  private static func files(below folder: String) -> [File] {
    let start = folder.isEmpty ? root : root.appendingPathComponent(folder)
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: start.path) else {
      return []
    }
    return names.sorted().flatMap { name -> [File] in
      let path = folder.isEmpty ? name : "\(folder)/\(name)"
      var isFolder: ObjCBool = false
      let full = root.appendingPathComponent(path).path
      guard FileManager.default.fileExists(atPath: full, isDirectory: &isFolder) else { return [] }
      if isFolder.boolValue {
        let isOurs = !folder.isEmpty && !name.hasPrefix(".") && name != "__pycache__"
        return isOurs ? files(below: path) : []
      }
      // Written by the package manager for this machine alone.
      if path == "Package.resolved" { return [] }
      guard let data = FileManager.default.contents(atPath: full),
        let text = String(data: data, encoding: .utf8)
      else { return [] }
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      return [File(path: path, lines: lines)]
    }
  }
}
