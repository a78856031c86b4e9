import Foundation
package import Testing

/// Expects text to be, byte for byte, what a file beside the test's input holds.
///
/// With `UPDATE_GOLDEN=1` the text is written to the file instead; a build server, which sets `CI`,
/// must never accept its own output, so there the variable fails the test.
package func expectGolden(
  _ actual: String, at path: String, sourceLocation: SourceLocation = #_sourceLocation
) {
  let environment = ProcessInfo.processInfo.environment
  let name = URL(fileURLWithPath: path).lastPathComponent
  if environment["UPDATE_GOLDEN"] == "1" {
    guard environment["CI"] != "true" else {
      Issue.record("UPDATE_GOLDEN is not allowed where CI=true", sourceLocation: sourceLocation)
      return
    }
    // An unchanged file keeps its date, so that nothing is rebuilt for it.
    if FileManager.default.contents(atPath: path) == Data(actual.utf8) { return }
    do {
      try Data(actual.utf8).write(to: URL(fileURLWithPath: path))
    } catch {
      Issue.record(error, "cannot write \(path)", sourceLocation: sourceLocation)
    }
    return
  }
  guard let data = FileManager.default.contents(atPath: path) else {
    Issue.record(
      "no golden file \(name); accept this with UPDATE_GOLDEN=1:\n\(actual)",
      sourceLocation: sourceLocation)
    return
  }
  // Strings are equal when they look equal; golden files are compared as bytes.
  if data == Data(actual.utf8) { return }
  let expected = String(decoding: data, as: UTF8.self)
  Issue.record(
    "\(name) differs at \(firstDifference(expected, actual))\n--- actual ---\n\(actual)",
    sourceLocation: sourceLocation)
}

/// An input file of a test, found in a folder of fixtures.
package struct Fixture: CustomTestStringConvertible, Hashable, Sendable {
  /// The file's whole path.
  package let path: String
  /// The file's name with its extension, as tests show it.
  package var name: String { URL(fileURLWithPath: path).lastPathComponent }
  package var testDescription: String { name }

  /// The path of `Fixtures/FOLDER` beside the test file.
  package static func folder(_ folder: String, beside testFile: String = #filePath) -> String {
    URL(fileURLWithPath: testFile).deletingLastPathComponent()
      .appendingPathComponent("Fixtures/\(folder)").path
  }

  /// The fixtures with the extension in `Fixtures/FOLDER` beside the test file, sorted by name.
  package static func all(
    _ pathExtension: String, in folder: String, beside testFile: String = #filePath
  ) -> [Fixture] {
    let place = self.folder(folder, beside: testFile)
    do {
      let names = try FileManager.default.contentsOfDirectory(atPath: place)
      let wanted = names.filter { $0.hasSuffix(".\(pathExtension)") }.sorted()
      return wanted.map { Fixture(path: "\(place)/\($0)") }
    } catch {
      preconditionFailure("there is no folder of fixtures at \(place): \(error)")
    }
  }

  /// The bytes of the input.
  package func bytes() throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: path)))
  }

  /// The path of the golden file beside the input: the same name with another extension.
  package func golden(_ pathExtension: String) -> String {
    URL(fileURLWithPath: path).deletingPathExtension().appendingPathExtension(pathExtension).path
  }
}

/// Where two texts begin to differ: the line's number and both lines.
private func firstDifference(_ expected: String, _ actual: String) -> String {
  let old = expected.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
  let new = actual.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
  let line = zip(old, new).prefix { $0.elementsEqual($1) }.count
  func words(_ lines: [Substring.UTF8View]) -> String {
    line < lines.count ? String(decoding: lines[line], as: UTF8.self) : "(end of file)"
  }
  return "line \(line + 1)\n  expected: \(words(old))\n  actual:   \(words(new))"
}
