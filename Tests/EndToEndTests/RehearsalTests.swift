import Foundation
import Testing

extension Live {
  /// A second Postgres as target.
  @Suite("Rehearsing against a second Postgres")
  struct RehearsalTests {
    /// Two databases of one test, alike but for what the test changes in the second.
    private struct Pair {
      private static let tables = """
        CREATE TYPE mood AS ENUM ('sad', 'happy');
        CREATE TYPE place AS (street text, number int);
        CREATE SEQUENCE numbers;
        CREATE TABLE customers (id int PRIMARY KEY, email text NOT NULL UNIQUE, mood mood,
          city varchar(20) DEFAULT 'Bern', seen inet, CHECK (email LIKE '%@%'));
        INSERT INTO customers SELECT n, 'c' || n || '@example.com', 'happy', 'Bern', '10.0.0.1'
          FROM generate_series(1, 9) n;
        CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
          serial int NOT NULL DEFAULT nextval('numbers'), customer_id int NOT NULL REFERENCES customers,
          total numeric NOT NULL CHECK (total / 2 >= 0), net float8, tags text[] DEFAULT '{}',
          extra jsonb DEFAULT '{}'::jsonb, wait interval, open timetz, spot point, home place,
          gone boolean NOT NULL DEFAULT false, double_total numeric GENERATED ALWAYS AS (total * 2) STORED,
          placed timestamptz DEFAULT now());
        CREATE UNIQUE INDEX orders_open ON orders (serial) WHERE NOT gone;
        INSERT INTO orders (customer_id, total, net, tags, extra, wait, open, spot, home, placed)
          SELECT n % 9 + 1, n * 1.25, n / 3.0, ARRAY['a', 'b' || n], '{"a": 1}', n * interval '1 hour',
            '12:00+02', point(n, 1), ROW('Weg', n)::place, '2026-01-01' FROM generate_series(1, 20) n;
        CREATE TABLE "Notes" ("Id" int PRIMARY KEY, "noteText" text);
        INSERT INTO "Notes" VALUES (1, 'one'), (2, 'two');
        CREATE TABLE notes (id int PRIMARY KEY); INSERT INTO notes VALUES (1);
        """

      let source: String
      let target: String

      /// Makes both; `change` is done to the second.
      init(_ name: String, _ change: String = "") throws {
        source = "parity_e2e_\(getpid())_\(name)_a"
        target = "parity_e2e_\(getpid())_\(name)_b"
        for database in [source, target] {
          try Servers.psql("CREATE DATABASE \(database)")
          try Servers.psql(Self.tables, database: database)
        }
        if !change.isEmpty { try Servers.psql(change, database: target) }
      }

      /// Takes both away.
      func drop() {
        for database in [source, target] {
          _ = try? Servers.psql("DROP DATABASE IF EXISTS \(database) WITH (FORCE)")
        }
      }

      /// A folder with a spec of these tables.
      func sandbox(_ tables: String = "all", options: String = "") throws -> Sandbox {
        let sandbox = try Sandbox([
          "shop.yml": """
          version: 1
          name: Shop
          source: { postgres: $DATABASE_URL, sslmode: disable }
          target: { postgres: $TARGET_URL, sslmode: disable\(options) }
          tables: \(tables)

          """
        ])
        sandbox.environment["DATABASE_URL"] = Servers.address(database: source)
        sandbox.environment["TARGET_URL"] = Servers.address(database: target)
        return sandbox
      }
    }

    /// Runs a spec against a pair that is gone afterwards.
    private func report(_ name: String, _ change: String = "", tables: String = "all") throws
      -> Report
    {
      let pair = try Pair(name, change)
      defer { pair.drop() }
      return try pair.sandbox(tables).report(within: 60)
    }

    @Test("all is alike: exit 0, every type is compared, nothing is said of Snowflake")
    func alike() throws {
      let report = try report("alike")
      #expect(report.run.status == 0, "\(report.run.all)")
      #expect(report.json.count("passed") == 21, "\(report.run.all)")
      #expect(report.run.all.contains("postgres $TARGET_URL"))
      #expect(report.json.target == "postgres $TARGET_URL")
      #expect(!report.run.all.contains("Snowflake") && !report.junit.contains("Snowflake"))
      for sql in report.json.statements {
        let verb = sql.drop { $0 == "(" }.prefix { $0.isLetter }
        #expect(["SELECT", "WITH"].contains(verb), "\(sql)")
      }
    }

    /// What is changed, which case fails, and what is said of it.
    private static let changes: [(name: String, change: String, failed: String, words: String)] = [
      ("row", "UPDATE orders SET total = 7 WHERE id = 3", "orders.checksum", "3.75"),
      ("array", "UPDATE orders SET tags = '{z}' WHERE id = 3", "orders.checksum", "tags"),
      ("wait", "UPDATE orders SET wait = '90 min' WHERE id = 3", "orders.checksum", "wait"),
      ("spot", "UPDATE orders SET spot = '(3,2)' WHERE id = 3", "orders.checksum", "spot"),
      ("home", "UPDATE orders SET home.number = 0 WHERE id = 3", "orders.checksum", "home"),
      ("less", "DELETE FROM orders WHERE id = 20", "orders.row_count", "20"),
      ("column", "ALTER TABLE orders DROP net", "orders.columns", "net"),
      ("case", "ALTER TABLE \"Notes\" RENAME \"noteText\" TO notetext", "Notes.columns", "spelt"),
      ("table", "DROP TABLE \"Notes\"", "Notes.exists", "is not in public"),
      (
        "unique", "ALTER TABLE customers DROP CONSTRAINT customers_email_key",
        "customers.constraints", "unique key (email) is lost"
      ),
      (
        "foreign", "ALTER TABLE orders DROP CONSTRAINT orders_customer_id_fkey",
        "orders.constraints", "foreign key (customer_id)"
      ),
      (
        "check", "ALTER TABLE orders DROP CONSTRAINT orders_total_check", "orders.constraints",
        "CHECK orders_total_check"
      ),
      ("partial", "DROP INDEX orders_open", "orders.constraints", "unique key (serial) where"),
      (
        "other_partial",
        "DROP INDEX orders_open; CREATE UNIQUE INDEX orders_open ON orders (serial) WHERE gone",
        "orders.constraints", "unique key (serial) where"
      ),
      (
        "default", "ALTER TABLE orders ALTER placed DROP DEFAULT", "orders.constraints",
        "the default now() is lost"
      ),
      (
        "identity", "ALTER TABLE orders ALTER id RESTART WITH 5", "orders.constraints",
        "the next value will be 5"
      ),
      (
        "sequence", "SELECT setval('numbers', 20, false)", "orders.constraints",
        "the next value will be 20"
      ),
      (
        "computed", "ALTER TABLE orders ALTER double_total DROP EXPRESSION", "orders.constraints",
        "no longer computes it"
      ),
    ]

    @Test("each change fails its check, and is named", arguments: changes)
    func changed(_ name: String, _ change: String, _ failed: String, _ words: String) throws {
      let report = try report(name, change)
      #expect(report.run.status == 1, "\(report.run.all)")
      let wrong = report.json.cases.filter { $0.outcome == "failed" }
      #expect(wrong.contains { $0.id.hasSuffix(failed) }, "\(report.run.all)")
      #expect(report.run.all.contains(words), "\(report.run.all)")
      #expect(!report.run.all.contains("Snowflake"))
    }

    @Test("sequences set back but free pass")
    func freeSequences() throws {
      let report = try report(
        "free", "SELECT setval('numbers', 21, false); ALTER TABLE orders ALTER id RESTART WITH 21",
        tables: "[orders]")
      #expect(report.json.outcome("orders.constraints") == "passed", "\(report.run.all)")
    }

    @Test("types are expected in any spelling")
    func types() throws {
      let report = try report(
        "types",
        tables: """

            customers: { columns: { city: { type: varchar(20) }, id: { type: int4 } } }
            orders: { columns: { placed: { type: timestamptz }, tags: { type: "text[]" } } }
          """)
      #expect(report.run.status == 0, "\(report.run.all)")
      #expect(report.json.outcome("city.type") == "passed")
      #expect(report.json.outcome("tags.type") == "passed")
    }

    @Test("another schema of the same database is a target of its own; the same one is refused")
    func itself() throws {
      let pair = try Pair("self", "")
      defer { pair.drop() }
      try Servers.psql(
        "CREATE SCHEMA copy; CREATE TABLE copy.notes (LIKE public.notes INCLUDING ALL);"
          + "INSERT INTO copy.notes TABLE public.notes", database: pair.source)
      let address = Servers.address(database: pair.source)
      let other = try pair.sandbox("[notes]", options: ", schema: copy")
      other.environment["TARGET_URL"] = address
      #expect(try other.report().run.status == 0)
      let same = try pair.sandbox("[notes]")
      same.environment["TARGET_URL"] = address
      let report = try same.report()
      #expect(report.run.status == 2, "\(report.run.all)")
      #expect(report.run.all.contains("are the same schema"))
    }

    @Test("validate and plan speak of the second Postgres")
    func plan() throws {
      let pair = try Pair("plan", "")
      defer { pair.drop() }
      let sandbox = try pair.sandbox("[orders]")
      #expect(try sandbox.parity("validate", "shop.yml").status == 0)
      let plan = try sandbox.parity("plan", "shop.yml")
      #expect(plan.status == 0 && plan.output.contains("the second Postgres"), "\(plan.all)")
      #expect(!plan.output.contains("Snowflake"))
      let sql = try sandbox.parity("plan", "--sql", "shop.yml")
      #expect(sql.status == 0 && !sql.output.contains("AT(TIMESTAMP"), "\(sql.all)")
      sandbox.environment["TARGET_URL"] = ""
      let run = try sandbox.parity("run", "shop.yml")
      #expect(run.status == 2 && run.errors.contains("TARGET_URL is not set"), "\(run.all)")
    }
  }
}
