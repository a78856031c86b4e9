import Foundation
import Testing

extension Live {
  /// A rehearsal: the target is a second Postgres.
  @Suite("A second Postgres as target")
  struct PostgresTargetTests {
    /// Two databases of this test's own, the same but for what `change` does to the second.
    private func sandbox(_ name: String, _ tables: String, _ change: String = "") throws -> Sandbox
    {
      let databases = ["a", "b"].map { "parity_e2e_\(getpid())_\(name)_\($0)" }
      for database in databases {
        try Servers.psql("DROP DATABASE IF EXISTS \(database) WITH (FORCE)")
        try Servers.psql("CREATE DATABASE \(database)")
        try Servers.psql(Self.tables, database: database)
      }
      if !change.isEmpty { try Servers.psql(change, database: databases[1]) }
      let sandbox = try Sandbox([
        "shop.yml": """
        version: 1
        name: Rehearsal
        source: { postgres: $SOURCE_URL, sslmode: disable }
        target: { postgres: $TARGET_URL, sslmode: disable }
        tables: \(tables)

        """
      ])
      sandbox.environment["SOURCE_URL"] = Servers.address(database: databases[0])
      sandbox.environment["TARGET_URL"] = Servers.address(database: databases[1])
      return sandbox
    }

    private func drop(_ name: String) {
      for side in ["a", "b"] {
        _ = try? Servers.psql(
          "DROP DATABASE IF EXISTS parity_e2e_\(getpid())_\(name)_\(side) WITH (FORCE)")
      }
    }

    private static let tables = """
      CREATE TYPE mood AS ENUM ('fine', 'bad');
      CREATE TABLE people (id int PRIMARY KEY, name text NOT NULL UNIQUE, mood mood, height real,
        tags text[], born date, seen timestamptz, worth numeric, extra jsonb, address inet,
        CHECK (id > 0));
      INSERT INTO people SELECT n, 'name, "' || n || '"', 'fine', n / 7.0, ARRAY['a', NULL],
        date '1990-01-01' + n, timestamptz '2024-01-01 00:00+00' + n * interval '1 s', n / 3.0,
        '{"a": 1}', '10.0.0.1' FROM generate_series(1, 50) n;
      CREATE TABLE visits (person int NOT NULL REFERENCES people, at timestamp NOT NULL,
        note text, PRIMARY KEY (person, at));
      INSERT INTO visits SELECT n % 50 + 1, timestamp '2024-01-01' + n * interval '1 h', 'n' || n
        FROM generate_series(1, 5000) n;
      """

    /// Enough rows that ranges of the key are read by several statements.
    @Test("a large table is read in ranges, and rows at their borders are found")
    func ranges() throws {
      defer { drop("ranges") }
      let sandbox = try sandbox("ranges", "{ big: { constraints: skip } }")
      let numbers = "INSERT INTO big SELECT n, n % 7 FROM generate_series(1, 300000) n; ANALYZE big"
      for side in ["a", "b"] {
        try Servers.psql(
          "CREATE TABLE big (id int PRIMARY KEY, v int NOT NULL); \(numbers)",
          database: "parity_e2e_\(getpid())_ranges_\(side)")
      }
      let same = try sandbox.report(within: 60)
      #expect(same.json.outcome("big.checksum") == "passed", "\(same.run.all)")
      #expect(same.json.summary("big.checksum")?.contains("300,000 rows") == true)
      let scans = same.json.statements.filter { $0.contains("AS digests") }
      // The same statements on both sides.
      #expect(Set(scans).count > 1, "\(scans.count) statements")
      try Servers.psql(
        "UPDATE big SET v = 99 WHERE id IN (1, 150000, 300000); DELETE FROM big WHERE id = 77777",
        database: "parity_e2e_\(getpid())_ranges_b")
      let other = try sandbox.report(within: 60)
      #expect(
        other.json.summary("big.checksum")
          == "3 of 300,000 rows differ; 1 row missing in the target", "\(other.run.all)")
    }

    @Test("the same: exit 0, and Snowflake is not spoken of")
    func same() throws {
      defer { drop("same") }
      let sandbox = try sandbox("same", "all")
      let report = try sandbox.report()
      #expect(report.run.status == 0, "\(report.run.all)")
      #expect(report.json.count("passed") == report.json.cases.count)
      #expect(report.json.outcome("visits.checksum") == "passed")
      #expect(!report.run.all.contains("Snowflake"), "\(report.run.all)")
      let plan = try sandbox.parity("plan", "shop.yml")
      #expect(plan.status == 0 && plan.output.contains("the second Postgres"))
      #expect(!plan.output.contains("Snowflake"), "\(plan.output)")
    }

    @Test(
      "differences are named: exit 1",
      arguments: [
        (
          "UPDATE visits SET note = 'x' WHERE person = 3 AND at = timestamp '2024-01-03 04:00'",
          "visits.checksum", "1 of 5,000 rows differs"
        ),
        ("DELETE FROM visits WHERE person = 7", "visits.checksum", "missing in the target"),
        ("ALTER TABLE people DROP COLUMN height", "people.columns", "height"),
        ("ALTER TABLE visits DROP CONSTRAINT visits_person_fkey", "visits.constraints", "person"),
        (
          "ALTER TABLE people DROP CONSTRAINT people_id_check", "people.constraints",
          "people_id_check"
        ),
        ("DROP TABLE visits", "visits.exists", "visits"),
      ])
    func different(_ change: String, _ check: String, _ words: String) throws {
      let name = "diff\(abs(change.hashValue) % 100_000)"
      defer { drop(name) }
      let report = try sandbox(name, "[people, visits]", change).report()
      #expect(report.run.status == 1, "\(report.run.all)")
      #expect(report.json.outcome(check) == "failed", "\(report.run.all)")
      #expect(report.run.output.contains(words), "\(report.run.output)")
    }

    @Test("every difference is written to a file, in both ways of comparing as many")
    func differences() throws {
      defer { drop("csv") }
      let sandbox = try sandbox(
        "csv",
        """

          people: { sensitive: [name] }
          visits:
        """,
        """
        UPDATE people SET name = 'secret', born = NULL WHERE id = 5;
        DELETE FROM visits WHERE person = 9 AND at < '2024-01-20';
        UPDATE visits SET note = NULL WHERE person = 10;
        UPDATE visits SET note = '' WHERE person = 11;
        INSERT INTO visits VALUES (1, '2030-01-01 00:00:00.5', 'a "new" one');
        """)
      let report = try sandbox.report("--differences", "rows")
      #expect(report.run.status == 1)
      let people = try #require(sandbox.read("rows/people.checksum.csv"))
      #expect(people.hasPrefix("kind,id,column,source,target\r\n"))
      #expect(people.contains("modified,5,name,digest "))
      #expect(people.contains("modified,5,born,1990-01-06,\r\n"))
      #expect(!people.contains("secret"))
      let visits = try #require(sandbox.read("rows/visits.checksum.csv"))
        .components(separatedBy: "\r\n")
      #expect(visits.first == "kind,person,at,column,source,target")
      #expect(visits.contains("added,1,2030-01-01 00:00:00.5,,,"))
      #expect(visits.contains { $0.hasPrefix("removed,9,2024-01-") })
      #expect(visits.contains { $0.hasPrefix("modified,10,") && $0.hasSuffix(",") })
      #expect(visits.contains { $0.hasPrefix("modified,11,") && $0.hasSuffix(",\"\"") })
      #expect(
        sandbox.files(in: "rows") == [
          ".parity-differences", "people.checksum.csv", "visits.checksum.csv",
        ])
      let slow = try sandbox.report("--digest", "md5")
      for check in ["people.checksum", "visits.checksum"] {
        #expect(slow.json.summary(check) == report.json.summary(check))
      }
    }

    @Test("a folder that cannot be made is found before anything is run")
    func wrongFolder() throws {
      let sandbox = try sandbox("folder", "[people]")
      defer { drop("folder") }
      try sandbox.write("", to: "file")
      let run = try sandbox.parity("run", "shop.yml", "--differences", "file/out")
      #expect(run.status == 2)
      #expect(run.errors.contains("cannot write file/out"))
    }
  }
}
