import Foundation
import Testing

/// Files that are no specs: each is refused at once, in words, without a crash.
@Suite("Odd spec files", .enabled(if: Package.isBuilt, "parity is not built"))
struct SpecInputTests {
  /// Expects a refusal that is quick, small and says which file.
  private func expectRefusal(
    _ run: Outcome, _ words: String..., location: SourceLocation = #_sourceLocation
  ) {
    #expect(run.status == 2, "\(run.all.prefix(2_000))", sourceLocation: location)
    #expect(run.output.isEmpty, sourceLocation: location)
    #expect(run.errors.hasPrefix("error[E"), sourceLocation: location)
    #expect(run.errors.utf8.count < 40_000, sourceLocation: location)
    #expect(run.mebibytes < 300, sourceLocation: location)
    #expect(run.seconds < 2, sourceLocation: location)
    for word in words {
      #expect(run.errors.contains(word), "\(run.errors)", sourceLocation: location)
    }
  }

  @Test("missing, a folder, empty, /dev/null, only a comment")
  func noSpec() throws {
    let sandbox = try Sandbox(["empty.yml": "", "comment.yml": "# nothing\n", "blank.yml": " \n\n"])
    expectRefusal(try sandbox.parity("validate", "no.yml"), "no such file", "no.yml")
    expectRefusal(try sandbox.parity("validate", "."), "it is a folder")
    expectRefusal(try sandbox.parity("validate", "empty.yml/x.yml"), "not a directory")
    for name in ["empty.yml", "comment.yml", "blank.yml", "/dev/null"] {
      let run = try sandbox.parity("validate", name)
      expectRefusal(run, "E0004")
      #expect(!run.errors.contains("parity init"), "there is no such command")
    }
  }

  @Test("a file that may not be read")
  func unreadable() throws {
    let sandbox = try Sandbox(["shop.yml": shopSpec])
    chmod(sandbox.file("shop.yml"), 0)
    try #require(access(sandbox.file("shop.yml"), R_OK) != 0 || geteuid() == 0)
    guard geteuid() == 0 else {
      expectRefusal(try sandbox.parity("validate", "shop.yml"), "permission denied")
      return
    }
    // Root may read everything, so somebody else looks.
    chmod(sandbox.path, 0o755)
    let reader = try Program(
      "/usr/bin/env",
      ["setpriv", "--reuid=65534", "--clear-groups", Package.binary, "validate", "shop.yml"],
      in: sandbox.path, environment: sandbox.environment
    ).finish()
    guard !reader.errors.contains("setpriv") else { return }
    expectRefusal(reader, "permission denied", "shop.yml")
  }

  @Test(
    "a hundred thousand brackets, braces, dashes, or anchors",
    arguments: ["[", "{a: ", "- ", "a:\n ", "? ", "\"", "!!x ", "- &a [*a", "|\n", "{", "*"])
  func deep(part: String) throws {
    let sandbox = try Sandbox(["deep.yml": String(repeating: part, count: 100_000)])
    expectRefusal(try sandbox.parity("validate", "deep.yml"), "deep.yml")
  }

  @Test("an alias bomb")
  func bomb() throws {
    var text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    for level in 1...30 {
      let aliases = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
      text += "a\(level): &a\(level) [\(aliases)]\n"
    }
    let sandbox = try Sandbox(["bomb.yml": text])
    let run = try sandbox.parity("validate", "bomb.yml")
    #expect(run.status == 2)
    #expect(run.seconds < 2)
    #expect(run.mebibytes < 300)
  }

  @Test("a sparse file of one gibibyte, as a file and as standard input")
  func huge() throws {
    let sandbox = try Sandbox(["huge.yml": ""])
    #expect(truncate(sandbox.file("huge.yml"), 1 << 30) == 0)
    let named = try sandbox.parity("validate", "huge.yml")
    expectRefusal(named, "E0003", "1,048,576")
    #expect(!named.errors.contains("1,114,112"), "a wrong size is said")
    let piped = try sandbox.parity("validate", "-", input: .file(sandbox.file("huge.yml")))
    expectRefusal(piped, "E0003")
  }

  @Test("a file at the limit of size, one mistake a line: shown shortly, or not all")
  func manyMistakes() throws {
    let text = "version: 1\n" + (0..<40_000).map { "x\($0): y\n" }.joined()
    let sandbox = try Sandbox(["many.yml": text])
    let run = try sandbox.parity("validate", "many.yml", within: 30)
    #expect(run.status == 2)
    #expect(!run.isOverdue)
    #expect(run.mebibytes < 300)
    #expect(run.seconds < 10)
    #expect(run.errors.utf8.count < 1_000_000, "\(run.errors.utf8.count) bytes")
  }

  @Test("bytes that are not UTF-8, UTF-16, NUL")
  func encodings() throws {
    let sandbox = try Sandbox()
    try sandbox.write(Data("name: ".utf8) + Data([0xFF, 0xFE, 0x20]), to: "latin.yml")
    expectRefusal(try sandbox.parity("validate", "latin.yml"), "E0002", "latin.yml:1:7")
    for encoding in [String.Encoding.utf16, .utf16LittleEndian, .utf16BigEndian] {
      try sandbox.write(try #require(shopSpec.data(using: encoding)), to: "wide.yml")
      expectRefusal(try sandbox.parity("validate", "wide.yml"), "UTF-16")
    }
    try sandbox.write(Data("version: 1\0\n".utf8), to: "nul.yml")
    expectRefusal(try sandbox.parity("validate", "nul.yml"))
    try sandbox.write(
      Data((0..<4_096).map { UInt8(truncatingIfNeeded: $0 &* 167) }), to: "noise.yml")
    expectRefusal(try sandbox.parity("validate", "noise.yml"))
    expectRefusal(try sandbox.parity("validate", Package.binary))
  }

  @Test("a byte order mark and Windows line ends are fine")
  func windows() throws {
    let sandbox = try Sandbox()
    let text = shopSpec.replacingOccurrences(of: "\n", with: "\r\n")
    try sandbox.write(Data([0xEF, 0xBB, 0xBF]) + Data(text.utf8), to: "windows.yml")
    #expect(try sandbox.parity("validate", "windows.yml").status == 0)
  }

  @Test("a FIFO is read to its end")
  func fifo() throws {
    let sandbox = try Sandbox()
    #expect(mkfifo(sandbox.file("pipe.yml"), 0o600) == 0)
    let program = try sandbox.start(["validate", "pipe.yml"])
    // Opening for both does not wait for a reader, and the reader is there by then.
    let writer = try FileHandle(forUpdating: URL(fileURLWithPath: sandbox.file("pipe.yml")))
    try writer.write(contentsOf: Data(shopSpec.utf8))
    usleep(300_000)
    try writer.close()
    let run = program.finish(within: 5)
    #expect(run.status == 0, "\(run.all)")
    #expect(run.output.hasPrefix("pipe.yml: 3 tables"))
  }

  @Test("control characters of a spec do not reach the terminal")
  func controlCharacters() throws {
    let sandbox = try Sandbox(["a.yml": "version: 1\n\"na\u{1B}[31mme\": x\n\"\\e[31m\": y\n"])
    let run = try sandbox.parity("validate", "a.yml")
    #expect(run.status == 2)
    #expect(!run.all.contains("\u{1B}"))
  }
}
