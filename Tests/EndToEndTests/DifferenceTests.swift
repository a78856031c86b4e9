import Foundation
import Testing

extension Live {
  /// `--differences`: what lies in the folder is what the last run found, and nothing looks whole
  /// that is not.
  @Suite("Files of differences", .serialized)
  struct DifferenceTests {
    private static let record = ".parity-differences"
    private static let few =
      "CREATE TABLE people (id int PRIMARY KEY, name text);"
      + "INSERT INTO people SELECT n, 'n' || n FROM generate_series(1, 20) n;"
    /// Reading it takes long enough to be stopped: JSON is read row by row.
    private static let many =
      "CREATE TABLE people (id int PRIMARY KEY, name text, doc jsonb);"
      + "INSERT INTO people SELECT n, 'n' || n, jsonb_build_object('n', n, 'pad', repeat('x', 200))"
      + " FROM generate_series(1, 100000) n;"

    /// Two databases of one table, the same but for what `change` does to the second.
    private final class Pair {
      let sandbox: Sandbox
      private let databases: [String]

      init(_ name: String, _ table: String, _ change: String) throws {
        databases = ["a", "b"].map { "parity_e2e_\(getpid())_\(name)_\($0)" }
        for database in databases {
          try Servers.psql("DROP DATABASE IF EXISTS \(database) WITH (FORCE)")
          try Servers.psql("CREATE DATABASE \(database)")
          try Servers.psql(table, database: database)
        }
        sandbox = try Sandbox([
          "shop.yml": """
          version: 1
          name: Rehearsal
          source: { postgres: $SOURCE_URL, sslmode: disable }
          target: { postgres: $TARGET_URL, sslmode: disable }
          tables: [people]

          """
        ])
        sandbox.environment["SOURCE_URL"] = Servers.address(database: databases[0])
        sandbox.environment["TARGET_URL"] = Servers.address(database: databases[1])
        try self.change(change)
      }

      deinit {
        for database in databases {
          _ = try? Servers.psql("DROP DATABASE IF EXISTS \(database) WITH (FORCE)")
        }
      }

      /// Changes the target.
      func change(_ sql: String) throws { try Servers.psql(sql, database: databases[1]) }

      /// Ends every connection to the source.
      func disconnect() throws {
        try Servers.psql(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '\(databases[0])'"
        )
      }

      /// Starts a run and waits until it has written some differing rows.
      func startWriting() throws -> Program {
        let program = try sandbox.start(
          ["run", "shop.yml", "--differences", "rows"] + reportOptions)
        let isWriting = eventually {
          (sandbox.read("rows/people.checksum.incomplete.csv")?.utf8.count ?? 0) > 100
        }
        #expect(isWriting, "it never wrote: \(program.outputSoFar)\(program.errorsSoFar)")
        return program
      }
    }

    @Test("a run that is stopped leaves a file that says it is incomplete")
    func stopped() throws {
      let pair = try Pair("cut", Self.many, "UPDATE people SET name = 'x'")
      let program = try pair.startWriting()
      program.signal(SIGINT)
      let report = try pair.sandbox.report(of: program.finish())
      #expect(report.run.status == 130)
      let name = "people.checksum.incomplete.csv"
      #expect(pair.sandbox.files(in: "rows") == [Self.record, name])
      let words = "incomplete: rows/\(name): the run was stopped"
      #expect(report.run.errors.contains("note: \(words)"), "\(report.run.all)")
      #expect(
        pair.sandbox.read("out/run.json")?.contains("rows/\(name) is incomplete: the run was")
          == true)
      // The next run begins anew.
      try pair.change("UPDATE people SET name = 'n' || id")
      #expect(try pair.sandbox.report("--differences", "rows").run.status == 0)
      #expect(pair.sandbox.files(in: "rows") == [Self.record])
    }

    @Test("a check that is asked again after a lost connection lists each row once")
    func askedAgain() throws {
      let pair = try Pair(
        "lost", Self.many,
        // Kept as text, documents are read row by row, so that a loss leaves nothing decided.
        "UPDATE people SET doc = doc || '{\"n\": 0}'; ALTER TABLE people ALTER doc TYPE text")
      let program = try pair.startWriting()
      try pair.disconnect()
      let report = try pair.sandbox.report(of: program.finish())
      #expect(report.run.status == 1, "\(report.run.all)")
      let each = report.json.cases.first { $0.id.hasSuffix("people.checksum") }
      #expect(each?.retries == ["connection_lost"], "\(report.run.all)")
      let name = "people.checksum.csv"
      #expect(pair.sandbox.files(in: "rows") == [Self.record, name])
      let lines = try #require(pair.sandbox.read("rows/\(name)")).components(separatedBy: "\r\n")
      #expect(lines.count == 100_002 && lines.last == "")
      #expect(lines.dropFirst().first?.hasPrefix("modified,1,doc,") == true)
      #expect(lines.dropLast().last?.hasPrefix("modified,100000,doc,") == true)
    }

    @Test("files of an earlier run are removed, files of others never")
    func stale() throws {
      let pair = try Pair("stale", Self.few, "UPDATE people SET name = 'x' WHERE id = 3")
      let name = "people.checksum.csv"
      #expect(try pair.sandbox.report("--differences", "rows").run.status == 1)
      let written = try #require(pair.sandbox.read("rows/\(name)"))
      #expect(written == "kind,id,column,source,target\r\nmodified,3,name,n3,x\r\n")
      // A copy under another name is its owner's.
      try pair.sandbox.write(written, to: "rows/visits.checksum.csv")
      try pair.sandbox.write("mine", to: "rows/notes.csv")
      try pair.change("UPDATE people SET name = 'n3' WHERE id = 3")
      #expect(try pair.sandbox.report("--differences", "rows").run.status == 0)
      let others = [Self.record, "notes.csv", "visits.checksum.csv"]
      #expect(pair.sandbox.files(in: "rows") == others)
      // A stranger's file under the name that is wanted stays, and the run says so.
      try pair.change("UPDATE people SET name = 'x' WHERE id = 3")
      try pair.sandbox.write("mine", to: "rows/\(name)")
      let report = try pair.sandbox.report("--differences", "rows")
      #expect(report.run.status == 1)
      #expect(pair.sandbox.read("rows/\(name)") == "mine")
      #expect(pair.sandbox.read("rows/people.checksum.incomplete.csv") == written)
      #expect(report.run.errors.contains("cannot write rows/\(name): such a file is there"))
      #expect(report.run.errors.contains("note: incomplete: rows/people.checksum.incomplete.csv"))
      // So does one that took the place of a file of this program.
      try pair.sandbox.write("mine too", to: "rows/people.checksum.incomplete.csv")
      let again = try pair.sandbox.report("--differences", "rows")
      #expect(again.run.status == 1)
      #expect(pair.sandbox.read("rows/people.checksum.incomplete.csv") == "mine too")
      #expect(again.run.errors.contains("note: no file of differing rows for people.checksum"))
    }

    @Test("a table compared by the MD5 of each row has no file, and the run says so")
    func byDigests() throws {
      let pair = try Pair("md5", Self.few, "UPDATE people SET name = 'x' WHERE id = 3")
      let report = try pair.sandbox.report("--differences", "rows", "--digest", "md5")
      #expect(report.run.status == 1)
      #expect(pair.sandbox.files(in: "rows") == [Self.record])
      let words = "it was compared by the MD5 of each row, a way that writes none"
      #expect(
        report.run.errors.contains(
          "note: no file of differing rows for people.checksum: \(words)"), "\(report.run.all)")
      #expect(
        pair.sandbox.read("out/run.json")?.contains("no file of its differing rows: \(words)")
          == true)
    }

    @Test("two runs never share a folder, nor do two specs")
    func shared() throws {
      let pair = try Pair("share", Self.few, "UPDATE people SET name = 'x' WHERE id = 3")
      let sandbox = pair.sandbox
      try sandbox.write("", to: "rows/\(Self.record)")
      let other = open(sandbox.file("rows/\(Self.record)"), O_RDWR)
      defer { close(other) }
      #expect(flock(other, LOCK_EX) == 0)
      let held = try sandbox.parity("run", "shop.yml", "--differences", "rows")
      #expect(held.status == 2 && held.errors.contains("another run"), "\(held.all)")
      try sandbox.write(try #require(sandbox.read("shop.yml")), to: "b.yml")
      let both = try sandbox.parity("run", "shop.yml", "b.yml", "--differences", "out")
      #expect(both.status == 2 && both.errors.contains("needs {spec} in it"), "\(both.all)")
      let apart = try sandbox.parity("run", "shop.yml", "b.yml", "--differences", "out/{spec}")
      #expect(apart.status == 1)
      #expect(sandbox.read("out/shop/people.checksum.csv") != nil)
      #expect(sandbox.read("out/b/people.checksum.csv") != nil)
      try sandbox.write("not a record", to: "strange/\(Self.record)")
      let strange = try sandbox.parity("run", "shop.yml", "--differences", "strange")
      #expect(strange.status == 2 && strange.errors.contains("no run wrote it"), "\(strange.all)")
      #expect(sandbox.read("strange/\(Self.record)") == "not a record")
    }
  }
}
