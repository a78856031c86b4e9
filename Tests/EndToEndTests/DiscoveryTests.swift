import Foundation
import Testing

/// Where specs are looked for when none is named.
@Suite("Finding specs", .enabled(if: Package.isBuilt, "parity is not built"))
struct DiscoveryTests {
  @Test("parity.yml here wins over specs/*.yml and over those above")
  func here() throws {
    let sandbox = try Sandbox([
      "parity.yml": shopSpec, "specs/a.yml": "version: 2", "deep/parity.yml": shopSpec,
    ])
    try sandbox.makeFolder(".git")
    let top = try sandbox.parity("validate")
    #expect(top.output == "parity.yml: 3 tables to check, no mistakes\n")
    let deep = try sandbox.parity("validate", in: "deep")
    #expect(deep.output == "deep/parity.yml: 3 tables to check, no mistakes\n")
  }

  @Test("specs/*.yml in the order of their names, other files are not touched")
  func specs() throws {
    let sandbox = try Sandbox([
      "specs/b.yml": shopSpec, "specs/a.yaml": shopSpec, "specs/c.txt": "no",
      "specs/.yml.swp": "no",
    ])
    let run = try sandbox.parity("validate")
    #expect(run.status == 0, "\(run.errors)")
    #expect(
      run.output.split(separator: "\n").map { $0.prefix(12) } == ["specs/a.yaml", "specs/b.yml:"])
  }

  @Test("up to the repository's root, from any folder below, and the same ids from everywhere")
  func upwards() throws {
    let sandbox = try Sandbox(["specs/shop.yml": shopSpec])
    try sandbox.makeFolder(".git")
    try sandbox.makeFolder("one/two/three")
    let top = try sandbox.parity("plan")
    let deep = try sandbox.parity("plan", in: "one/two/three")
    #expect(deep.status == 0)
    #expect(deep.output == top.output)
    let named = try sandbox.parity("plan", "../../../specs/shop.yml", in: "one/two/three")
    #expect(named.output == top.output)
    let whole = try sandbox.parity("plan", sandbox.file("specs/shop.yml"), in: "one")
    #expect(whole.output == top.output)
  }

  @Test("never above the repository's root, and never upwards without a repository")
  func notAbove() throws {
    let sandbox = try Sandbox(["parity.yml": shopSpec])
    try sandbox.makeFolder("repository/.git")
    try sandbox.makeFolder("repository/below")
    try sandbox.makeFolder("plain")
    for folder in ["repository", "repository/below", "plain"] {
      let run = try sandbox.parity("validate", in: folder)
      #expect(run.status == 2)
      #expect(run.errors.contains("no parity.yml"))
      #expect(run.errors.contains("tables: all"), "a first spec is shown")
    }
  }

  @Test("a worktree's .git file marks the root as well as a folder")
  func worktree() throws {
    let sandbox = try Sandbox(["parity.yml": shopSpec, ".git": "gitdir: elsewhere\n"])
    try sandbox.makeFolder("below")
    #expect(try sandbox.parity("validate", in: "below").status == 0)
  }

  @Test("`-` is standard input")
  func standardInput() throws {
    let sandbox = try Sandbox(["parity.yml": "version: 2"])
    let good = try sandbox.parity("validate", "-", input: .text(shopSpec))
    #expect(good.status == 0)
    #expect(good.output == "stdin: 3 tables to check, no mistakes\n")
    let bad = try sandbox.parity("validate", "-", input: .text("version: 2\n"))
    #expect(bad.status == 2)
    #expect(bad.errors.contains(" --> stdin:1:10"))
    let list = try sandbox.parity("run", "--list", "-", input: .text(shopSpec))
    #expect(list.output.hasPrefix("stdin.tables.customers.exists\n"))
  }

  @Test("names with blanks, quotes, umlauts and leading dashes")
  func oddNames() throws {
    let sandbox = try Sandbox()
    for name in ["my shop.yml", "it's.yml", "Größe 表.yml", "a b/c d.yml"] {
      try sandbox.write(shopSpec, to: name)
      let run = try sandbox.parity("validate", name)
      #expect(run.status == 0, "\(run.all)")
      #expect(run.output == "\(name): 3 tables to check, no mistakes\n")
    }
    try sandbox.write(shopSpec, to: "--odd.yml")
    #expect(try sandbox.parity("validate", "--", "--odd.yml").status == 0)
  }
}
