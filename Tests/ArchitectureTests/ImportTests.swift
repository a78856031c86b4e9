import Testing

/// Arrows point down, and what is pure stays pure.
@Suite struct ImportTests {
  /// What each target may import besides the standard library; others are not looked at.
  static let allowed: [(String, Set<String>)] = [
    ("Diagnostics", []),
    ("YAMLSource", ["Diagnostics", "CLibYAML"]),
    ("Injection", ["Diagnostics", "YAMLSource"]),
    ("SpecCore", ["Diagnostics", "YAMLSource", "Injection"]),
    ("Runner", ["SpecCore", "Diagnostics", "Synchronization"]),
    ("Reporting", ["SpecCore", "Diagnostics"]),
    ("Evidence", ["SpecCore", "Diagnostics", "Reporting", "Cryptography", "FoundationEssentials"]),
  ]

  @Test(arguments: allowed)
  func pureTargets(_ target: String, _ modules: Set<String>) {
    let files = SourceTree.sources.filter { $0.target == target }
    #expect(!files.isEmpty, "there is no target \(target)")
    for file in files {
      let others = Set(file.imports).subtracting(modules)
      #expect(others.isEmpty, "\(file.path) imports \(others.sorted())")
    }
  }

  /// Whatever is hard to change again has one gate.
  @Test(arguments: [
    ("CLibPQ", "PostgresDatabase"), ("CLibYAML", "YAMLSource"), ("CMalloc", "parity"),
    ("AsyncHTTPClient", "SnowflakeDatabase"), ("TOMLKit", "SnowflakeDatabase"),
  ])
  func gates(_ module: String, _ target: String) {
    let files = SourceTree.sources.filter { $0.imports.contains(module) }
    #expect(files.map(\.target) == [target], "\(files.map(\.path))")
  }

  /// The two databases know nothing of each other, nor of what is above them.
  @Test func siblings() {
    let above = ["Runner", "Reporting", "PostgresDatabase", "SnowflakeDatabase", "ArgumentParser"]
    for file in SourceTree.sources where file.target.hasSuffix("Database") {
      let others = file.imports.filter { above.contains($0) }
      #expect(others.isEmpty, "\(file.path) imports \(others)")
    }
  }

  /// Only ports wait: checks, plans and results are functions.
  @Test func onlyPortsWait() {
    for file in SourceTree.sources where file.target == "SpecCore" {
      guard !file.path.contains("/Ports/") else { continue }
      let words = ["async", "await", "Task", "actor"]
      for line in file.code where words.contains(where: line.text.contains) {
        guard line.text.contains(/\b(async|await|Task|actor)\b/) else { continue }
        Issue.record("\(file.path):\(line.number): \(line.text)")
      }
    }
  }

  /// The scanner of this suite sees what it looks for.
  @Test func scanner() {
    let file = SourceTree.File(
      path: "Sources/A/B.swift",
      lines: [
        "package import A  // import X", "import struct B.C", "@preconcurrency import D",
        "let a = \"import E\"", "\"\"\"", "import F", "\"\"\"", "import G",
      ])
    #expect(file.imports == ["A", "B", "D", "G"])
    #expect(file.target == "A")
    #expect(SourceTree.sources.count > 100)
  }
}
