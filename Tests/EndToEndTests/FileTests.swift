import Foundation
import Testing

extension Live {
  /// Reports that cannot be written, and streams that nobody reads.
  @Suite("Reports and streams (stand-in)")
  struct FileTests {
    let shop = Result { try Shop.shared() }

    @Test("missing folders are made, files are written whole (stand-in)")
    func folders() throws {
      let sandbox = try shop.get().sandbox("[orders]")
      let run = try sandbox.parity(
        "run", "shop.yml", "--junit", "a/b/c/run.xml", "--json", "d e/run.json")
      #expect(run.status == 0)
      #expect(sandbox.files(in: "a/b/c") == ["run.xml"])
      #expect(sandbox.files(in: "d e") == ["run.json"])
    }

    @Test("an old report is replaced, never added to (stand-in)")
    func replaced() throws {
      let sandbox = try shop.get().sandbox("[orders]")
      let old = String(repeating: "old\n", count: 100_000)
      for name in ["run.xml", "run.json"] { try sandbox.write(old, to: "out/\(name)") }
      let report = try sandbox.report()
      #expect(report.run.status == 0)
      #expect(!report.junit.contains("old\n"))
    }

    @Test(
      "a path that cannot be written: exit 2, before any server is asked (stand-in)",
      arguments: [
        "/proc/run.xml", "shop.yml/run.xml", ".", "home", "shop.yml", "/dev/full", "/dev/null", "",
        "/dev/full/run.xml",
      ])
    func unwritable(path: String) throws {
      // Root may replace devices: a program that would do so must not meet real ones.
      guard !path.hasPrefix("/dev") || geteuid() != 0 else { return }
      try expectRefusal(path)
    }

    private func expectRefusal(_ path: String, location: SourceLocation = #_sourceLocation) throws {
      let sandbox = try shop.get().sandbox("[orders]")
      let spec = sandbox.read("shop.yml")
      for option in ["--junit", "--json", "--html"] {
        let run = try sandbox.parity("run", "shop.yml", option, path)
        #expect(run.status == 2, "\(option) \(path): \(run.all)", sourceLocation: location)
        #expect(run.output.isEmpty, sourceLocation: location)
        #expect(!run.errors.contains("connecting"), sourceLocation: location)
      }
      #expect(
        sandbox.read("shop.yml") == spec, "the spec was overwritten", sourceLocation: location)
    }

    @Test("a device is not replaced by a file (stand-in)", .enabled(if: geteuid() == 0))
    func device() throws {
      let sandbox = try shop.get().sandbox("[orders]")
      // A null device of our own: the real one stays out of danger.
      guard mknod(sandbox.file("null.xml"), S_IFCHR | 0o666, 0x103) == 0 else { return }
      let run = try sandbox.parity("run", "shop.yml", "--junit", "null.xml")
      #expect([0, 2].contains(run.status), "\(run.all)")
      var status = stat()
      #expect(stat(sandbox.file("null.xml"), &status) == 0 && status.st_mode & S_IFMT == S_IFCHR)
    }

    @Test("both reports in one file: exit 2 (stand-in)")
    func oneFile() throws {
      let run = try shop.get().sandbox("[orders]")
        .parity("run", "shop.yml", "--junit", "out/x", "--json", "out/x")
      #expect(run.status == 2, "\(run.all)")
    }

    @Test("a full disk: said clearly, never exit 0, a failure stays a failure (stand-in)")
    func fullDisk() throws {
      for (tables, status) in [("[orders]", 3), ("[changed]", 1)] as [(String, Int32)] {
        let sandbox = try shop.get().sandbox(tables)
        try sandbox.makeFolder("tiny")
        let mount = try Program(
          "/usr/bin/env", ["mount", "-t", "tmpfs", "-o", "size=4k", "none", sandbox.file("tiny")],
          in: "/", environment: sandbox.environment
        ).finish()
        guard mount.status == 0 else { return }
        defer {
          _ = try? Program(
            "/usr/bin/env", ["umount", sandbox.file("tiny")], in: "/",
            environment: sandbox.environment
          ).finish()
        }
        let run = try sandbox.parity(
          "run", "shop.yml", "--json", "tiny/run.json", "--junit", "out/run.xml")
        #expect(run.status == status, "\(run.all)")
        #expect(run.errors.contains("cannot write tiny/run.json: no space left on device"))
        #expect(sandbox.files(in: "tiny").isEmpty, "half a report is left")
        #expect(sandbox.read("out/run.xml") != nil, "the other report is missing")
      }
    }

    @Test("nobody reads stdout: no crash, and the exit code still tells (stand-in)")
    func closedPipe() throws {
      let sandbox = try shop.get().sandbox("[changed]")
      for arguments in [["run", "shop.yml"], ["run", "shop.yml", "--format", "json"]] {
        let run = try sandbox.start(
          arguments + ["--json", "out/run.json"], output: .closedPipe
        ).finish()
        #expect(run.status == 1, "\(run.all)")
        #expect(try JSONReport(sandbox.read("out/run.json")).conclusion == "failed")
      }
    }

    @Test("stdout is a full disk: not silently exit 0 (stand-in)")
    func fullOutput() throws {
      let sandbox = try shop.get().sandbox("[orders]")
      let json = try sandbox.start(
        ["run", "shop.yml", "--format", "json"], output: .file("/dev/full")
      ).finish()
      #expect(json.status == 3, "\(json.all)")
      #expect(json.errors.contains("standard output"))
    }

    @Test("--format json: one document on stdout, nothing else (stand-in)")
    func jsonFormat() throws {
      let sandbox = try shop.get().sandbox("[orders, changed]")
      let run = try sandbox.parity(
        "run", "shop.yml", "--format", "json",
        with: ["GITHUB_ACTIONS": "true", "CLICOLOR_FORCE": "1"])
      #expect(run.status == 1)
      let report = try JSONReport(run.output)
      #expect(report.cases.count == 10)
      #expect(!run.output.contains("\u{1B}"))
    }

    @Test("GitHub's annotations: at the lines of the spec, on demand or on GitHub (stand-in)")
    func annotations() throws {
      let sandbox = try shop.get().sandbox("[orders, changed]")
      let none = try sandbox.parity(
        "run", "shop.yml", "--annotations", "none", with: ["GITHUB_ACTIONS": "true"])
      #expect(!none.output.contains("::error"))
      for (arguments, variables) in [
        (["--annotations", "github"], [:]), ([], ["GITHUB_ACTIONS": "true"]),
      ] as [([String], [String: String])] {
        let run = try sandbox.start(["run", "shop.yml"] + arguments, with: variables).finish()
        let lines = run.output.split(separator: "\n").filter { $0.hasPrefix("::") }
        #expect(lines.count == 1)
        #expect(lines.first?.contains("file=shop.yml,line=7") == true, "\(lines)")
        #expect(lines.first?.contains("changed") == true)
      }
    }

    @Test("a cache that cannot be written costs a note, not the run (stand-in)")
    func cache() throws {
      let report = try shop.get().sandbox("[orders]").report(with: ["XDG_CACHE_HOME": "/proc/no"])
      #expect(report.run.status == 0)
      #expect(report.run.errors.contains("--last-failed will not know this run"))
    }

    @Test("PARITY_JUNIT and PARITY_JSON count like flags (stand-in)")
    func variables() throws {
      let sandbox = try shop.get().sandbox("[orders]")
      let run = try sandbox.parity(
        "run", "shop.yml", with: ["PARITY_JUNIT": "v/run.xml", "PARITY_JSON": "v/run.json"])
      #expect(run.status == 0)
      #expect(sandbox.files(in: "v") == ["run.json", "run.xml"])
      let empty = try sandbox.parity(
        "run", "shop.yml", with: ["PARITY_JUNIT": "", "PARITY_JSON": ""])
      #expect(empty.status == 0, "\(empty.all)")
    }
  }
}
