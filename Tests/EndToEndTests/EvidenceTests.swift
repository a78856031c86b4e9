import Foundation
import Testing

extension Live {
  /// Bundles of evidence that real runs write, checked by programs that are not ours.
  @Suite("evidence (stand-in)", .serialized)
  struct EvidenceTests {
    let shop = Result { try Shop.shared() }

    private static let checker = ProcessInfo.processInfo.environment["PARITY_SHARED"]
      .map { "\($0)/checks/evidence.py" }

    /// The bundles in a folder, oldest first; drafts are hidden and do not count.
    private func bundles(_ sandbox: Sandbox, in folder: String = "ev") -> [String] {
      ((try? FileManager.default.contentsOfDirectory(atPath: sandbox.file(folder))) ?? [])
        .filter { !$0.hasPrefix(".") }.sorted().map { "\(folder)/\($0)" }
    }

    private func system(_ arguments: String..., in sandbox: Sandbox, at folder: String) throws
      -> Outcome
    {
      try Program(
        "/usr/bin/env", arguments, in: sandbox.file(folder),
        environment: ["PATH": "/usr/bin:/bin", "LC_ALL": "C"]
      ).finish()
    }

    private func expectIntact(
      _ bundle: String, in sandbox: Sandbox, location: SourceLocation = #_sourceLocation
    ) throws {
      let checked = try system(
        "sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS", in: sandbox, at: bundle)
      #expect(checked.status == 0, "\(checked.all)", sourceLocation: location)
    }

    private func document(_ name: String, in sandbox: Sandbox) throws -> [String: Any] {
      let text = try #require(sandbox.read(name), "there is no \(name)")
      return try #require(
        JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any], "\(name)")
    }

    @Test("a failed run's bundle holds, for sha256sum, openssl and in-toto's readers (stand-in)")
    func bundle() throws {
      let sandbox = try shop.get().sandbox("[orders, changed]")
      for arguments in [
        ["openssl", "genpkey", "-algorithm", "ed25519", "-out", "key.pem"],
        ["openssl", "pkey", "-in", "key.pem", "-pubout", "-out", "public.pem"],
      ] {
        let made = try Program(
          "/usr/bin/env", arguments, in: sandbox.path, environment: ["PATH": "/usr/bin:/bin"]
        ).finish()
        try #require(made.status == 0, "\(made.all)")
      }
      let run = try sandbox.parity(
        "run", "shop.yml", "--evidence", "ev", "--evidence-key", "key.pem")
      #expect(run.status == 1, "\(run.all)")
      let bundle = try #require(bundles(sandbox).first)
      #expect(run.errors.contains("evidence: \(bundle)"))
      try expectIntact(bundle, in: sandbox)
      #expect(
        Set(sandbox.files(in: bundle)) == [
          "SHA256SUMS", "datasets.json", "junit.xml", "log.jsonl", "plan.json", "report.html",
          "report.json", "results.json", "spec.yml", "statement.intoto.jsonl", "statement.json",
        ])
      #expect(sandbox.read("\(bundle)/spec.yml") == sandbox.read("shop.yml"))
      try expectLogged(bundle, in: sandbox)
      guard let checker = Self.checker, FileManager.default.fileExists(atPath: checker) else {
        return
      }
      let python = try #require(Package.python)
      var arguments = [
        checker, "check", sandbox.file(bundle), "--public-key", sandbox.file("public.pem"),
      ]
      for secret in Standin.secrets(in: Servers.snowflakeHome) where secret.count > 5 {
        arguments += ["--secret", secret]
      }
      let checked = try Program(
        python, arguments, in: "/", environment: ProcessInfo.processInfo.environment
      ).finish()
      #expect(checked.status == 0, "\(checked.all)")
    }

    /// Every statement that a report tells of is in the log, which holds no value.
    private func expectLogged(_ bundle: String, in sandbox: Sandbox) throws {
      let log = try #require(sandbox.read("\(bundle)/log.jsonl"))
      #expect(!log.contains("TWO"))
      #expect(!log.contains("SELECT *"))
      let lines = try log.split(separator: "\n").map {
        try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
      }
      #expect(lines.compactMap { $0["n"] as? Int } == Array(1...lines.count))
      #expect(lines.filter { $0["kind"] as? String == "CONNECT" }.count == 2)
      let logged = Set(lines.compactMap { $0["sql_sha256"] as? String })
      let report = try document("\(bundle)/report.json", in: sandbox)
      let cases = try #require(report["cases"] as? [[String: Any]])
      let sent = cases.flatMap { $0["statements"] as? [[String: Any]] ?? [] }
        .compactMap { $0["sql"] as? String }
      #expect(sent.count > 8)
      let digests = try Package.python(
        "import sys, json, hashlib; print('\\n'.join(hashlib.sha256(t.encode()).hexdigest() for t in json.load(sys.stdin)))",
        input: .text(
          String(decoding: try JSONSerialization.data(withJSONObject: sent), as: UTF8.self)))
      let missing = digests.output.split(separator: "\n").filter { !logged.contains(String($0)) }
      #expect(missing.isEmpty, "\(missing.count) of \(sent.count) statements are not in the log")
    }

    @Test("runs form a chain: each names the manifest of the one before (stand-in)")
    func chain() throws {
      let sandbox = try shop.get().sandbox("[orders]")
      for _ in 1...2 {
        let run = try sandbox.parity("run", "shop.yml", "--evidence", "ev")
        #expect(run.status == 0, "\(run.all)")
      }
      let both = bundles(sandbox)
      try #require(both.count == 2)
      let first = try document("\(both[0])/results.json", in: sandbox)
      #expect(first["previous"] is NSNull)
      let second = try document("\(both[1])/results.json", in: sandbox)
      let previous = try #require(second["previous"] as? [String: Any])
      #expect("ev/\(previous["folder"] as? String ?? "")" == both[0])
      #expect(previous["run"] as? String == first["run"] as? String)
      let digest = try system("sha256sum", "SHA256SUMS", in: sandbox, at: both[0])
      let named = try #require(previous["manifest_sha256"] as? String)
      #expect(digest.output.hasPrefix(named))
      for bundle in both { try expectIntact(bundle, in: sandbox) }
    }

    @Test("two runs of one seed give the same bytes, but for the run's name and times (stand-in)")
    func reproducible() throws {
      let sandbox = try shop.get().sandbox("[orders, customers, changed]")
      let seed = ["PARITY_SEED": "0123456789abcdefABCDEF"]
      for folder in ["one", "two"] {
        let run = try sandbox.parity(
          "run", "shop.yml", "--jobs", "1", "--evidence", folder, with: seed)
        #expect(run.status == 1, "\(run.all)")
      }
      let one = try #require(bundles(sandbox, in: "one").first)
      let two = try #require(bundles(sandbox, in: "two").first)
      for name in sandbox.files(in: one) where name != "SHA256SUMS" && name != "statement.json" {
        let first = try #require(sandbox.read("\(one)/\(name)"))
        let second = try #require(sandbox.read("\(two)/\(name)"))
        let (left, right) = (Self.timeless(first, name), Self.timeless(second, name))
        guard left != right else { continue }
        let difference = zip(left, right).first { $0 != $1 }
        Issue.record(
          "\(name) differs: \(difference?.0.prefix(300) ?? "") / \(difference?.1.prefix(300) ?? "")"
        )
      }
    }

    /// The lines of a file without what is the run's own: its name, times, and the servers' names
    /// for its statements and read points.
    private static func timeless(_ text: String, _ name: String) -> [String] {
      let patterns = [
        (#"parity-\d{8}T\d{6}Z-[0-9a-f]{6}"#, "RUN"),
        (#"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?( ?\+0000|Z)?"#, "TIME"),
        (#"\d{4}-\d\d-\d\d \d\d:\d\d"#, "TIME"), (#"\d\d:\d\d:\d\dZ"#, "TIME"),
        (#""seconds": ?[0-9.e-]+"#, "SECONDS"), (#"(time|seconds)="[0-9.]+""#, "SECONDS"),
        (#"[0-9][0-9.,]* ?(ms|µs|s)\b"#, "SPAN"),
        (#"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"#, "QUERY"),
        (#"snapshot [0-9A-F-]+, LSN [0-9A-F/]+"#, "SNAPSHOT"),
      ]
      var text = text
      if name == "report.html", let start = text.range(of: "<section id=\"figures\""),
        let end = text.range(of: "<section", range: start.upperBound..<text.endIndex)
      {
        // Which check took how long, the slowest first.
        text.removeSubrange(start.lowerBound..<end.lowerBound)
      }
      for (pattern, word) in patterns {
        text = text.replacingOccurrences(of: pattern, with: word, options: .regularExpression)
      }
      var lines = text.components(separatedBy: "\n")
      if name == "log.jsonl" {
        // Both sides are asked at once: which of two answers comes first is no part of a result.
        // The target's statements name the point in time that they read.
        let own = #""n":\d+|(?<="side":"target",.{1,300})"sql_sha256":"[0-9a-f]+""#
        lines = lines.map {
          $0.replacingOccurrences(of: own, with: "", options: .regularExpression)
        }.sorted()
      }
      return lines
    }

    @Test("an interrupted run's bundle is whole and says so (stand-in)")
    func interrupted() throws {
      let sandbox = try shop.get().sandbox(
        "orders:\n  severity: error\nslow: { constraints: skip, checksum: skip }")
      let program = try sandbox.start(["run", "shop.yml", "--evidence", "ev"])
      #expect(try eventually { try Backends.count(reading: "slow") > 0 })
      program.signal(SIGTERM)
      #expect(program.finish().status == 143)
      let bundle = try #require(bundles(sandbox).first)
      try expectIntact(bundle, in: sandbox)
      let results = try document("\(bundle)/results.json", in: sandbox)
      #expect(results["conclusion"] as? String == "interrupted")
      #expect(results["verdict"] as? String == "FAILED")
    }

    @Test("killed at any moment, a run leaves no bundle or a whole one (stand-in)")
    func killed() throws {
      let sandbox = try shop.get().sandbox("[orders, customers, changed, short]")
      let whole = try sandbox.parity("run", "shop.yml", "--evidence", "first")
      #expect(whole.status == 1, "\(whole.all)")
      try expectIntact(try #require(bundles(sandbox, in: "first").first), in: sandbox)
      // More kills take longer, and were run by hand; see the variable.
      let count = Int(ProcessInfo.processInfo.environment["PARITY_TEST_KILLS"] ?? "") ?? 8
      var survivors = 0
      for number in 0..<count {
        let program = try sandbox.start(["run", "shop.yml", "--evidence", "ev"])
        let latest = 1.1 * whole.seconds
        usleep(UInt32(Double.random(in: 0...latest) * 1_000_000))
        program.signal(number % 2 == 0 ? SIGKILL : SIGTERM)
        let outcome = program.finish()
        let found = bundles(sandbox)
        #expect(found.count <= number + 1)
        for bundle in found.dropFirst(survivors) {
          try expectIntact(bundle, in: sandbox)
          let results = try document("\(bundle)/results.json", in: sandbox)
          let conclusion = try #require(results["conclusion"] as? String)
          #expect(["failed", "interrupted"].contains(conclusion))
          if outcome.status == 143, conclusion == "interrupted" {
            #expect(results["verdict"] as? String == "FAILED")
          }
        }
        survivors = found.count
      }
    }

    @Test(
      "what cannot work is refused before anything is run (stand-in)",
      arguments: [
        (["--evidence", "/proc/none"], [:], "cannot make the folder"),
        (["--evidence", ""], [:], "a report's path is empty"),
        (["--evidence", "ev", "--evidence-key", "shop.yml"], [:], "no unencrypted Ed25519 key"),
        (["--evidence", "ev", "--evidence-key", "none.pem"], [:], "cannot read none.pem"),
        (["--evidence-key", "shop.yml"], [:], "signs nothing without --evidence"),
        (["--evidence", "ev"], ["PARITY_SEED": "x' OR 1=1 --"], "PARITY_SEED takes"),
      ] as [([String], [String: String], String)])
    func refused(_ arguments: [String], _ variables: [String: String], _ words: String) throws {
      let sandbox = try shop.get().sandbox("[orders]")
      let run = try sandbox.start(["run", "shop.yml"] + arguments, with: variables).finish()
      #expect(run.status == 2, "\(run.all)")
      #expect(run.errors.contains(words), "\(run.errors)")
      #expect(bundles(sandbox).isEmpty)
    }
  }
}
