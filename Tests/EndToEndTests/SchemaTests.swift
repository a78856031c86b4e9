import Foundation
import Testing

/// The JSON Schema that parity prints agrees with what parity reads.
@Suite("The printed schema", .enabled(if: Package.isBuilt, "parity is not built"))
struct SchemaTests {
  private static let noPython: Comment = "there is no .venv with jsonschema and PyYAML"

  /// Judges specs with the third-party validator: `good` or `bad` for each, in order.
  private static let judge = """
    import json, sys, yaml, jsonschema
    class Loader(yaml.SafeLoader): pass
    # As YAML 1.2 does: dates stay texts, and so do yes, no, on and off.
    Loader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in found
                if tag not in ("tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:bool")]
        for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()}
    Loader.add_implicit_resolver("tag:yaml.org,2002:bool", __import__("re").compile("^(true|false)$"), "tf")
    schema = json.load(sys.stdin)
    checker = jsonschema.validators.validator_for(schema)
    checker.check_schema(schema)
    for path in sys.argv[1:]:
        with open(path) as file:
            found = list(checker(schema).iter_errors(yaml.load(file, Loader)))
        print("bad" if found else "good", *[error.message[:100] for error in found[:1]])
    """

  private static let hasPython =
    (try? Package.python("import jsonschema, yaml").status == 0) ?? false

  /// The verdicts of the third-party validator on files.
  private func verdicts(_ paths: [String]) throws -> [String] {
    let schema = try Sandbox().parity("schema")
    #expect(schema.status == 0)
    guard let python = Package.python else { throw Trouble("there is no .venv") }
    let judged = try Program(
      python, ["-c", Self.judge] + paths, in: "/", environment: ["PYTHONDONTWRITEBYTECODE": "1"],
      input: .text(schema.output)
    ).finish()
    guard judged.status == 0 else { throw Trouble(judged.all) }
    return judged.output.split(separator: "\n").map(String.init)
  }

  @Test("it is JSON, draft-07, the same bytes each time")
  func text() throws {
    let sandbox = try Sandbox()
    let run = try sandbox.parity("schema")
    #expect(run.status == 0)
    let value = try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any]
    #expect(value?["$schema"] as? String == "http://json-schema.org/draft-07/schema#")
    #expect(try sandbox.parity("schema").output == run.output)
  }

  @Test("the repository's specs and examples are good", .enabled(if: hasPython, noPython))
  func repository() throws {
    let manager = FileManager.default
    func names(_ folder: String) -> [String] {
      ((try? manager.contentsOfDirectory(atPath: "\(Package.root)/\(folder)")) ?? []).sorted()
    }
    let paths =
      names("specs").filter { $0.hasSuffix(".yml") }.map { "\(Package.root)/specs/\($0)" }
      + names("examples").map { "\(Package.root)/examples/\($0)/parity.yml" }
      .filter { manager.fileExists(atPath: $0) }
    try #require(!paths.isEmpty)
    for (path, verdict) in zip(paths, try verdicts(paths)) {
      #expect(verdict == "good", "\(path)")
      let run = try Sandbox().parity("validate", path)
      #expect(run.status == 0, "\(run.errors)")
    }
  }

  @Test("good specs are good in both eyes", .enabled(if: hasPython, noPython))
  func good() throws {
    let tables = [
      "all", "{ all: { except: { schema_migrations: bookkeeping only } } }", "[orders]",
      "{ orders: }", "{ orders: { key: id } }", "{ orders: { key: [a, b], where: \"id > 5\" } }",
      "{ orders: { row_count: 5 } }", "{ orders: { row_count: { within: 0.1% } } }",
      "{ orders: { row_count: { within: 25 } } }",
      "{ orders: { row_count: { source: 5, target: 6 } } }",
      "{ \"\\\"Order Items\\\"\": { key: id } }",
      "{ legacy.orders: { target: orders } }", "{ orders: { checksum: [id, total] } }",
      "{ orders: { checksum: { except: [a], because: it is new } } }",
      "{ orders: { columns: { id: { not_null: true, unique: true } } } }",
      "{ orders: { constraints: { except: [check], because: not ported } } }",
      "{ orders: { only_in: source, because: it stays } }",
      "{ orders: { tags: [a], severity: warn } }",
    ]
    try expectSame(tables.map { spec(tables: $0) }, status: 0, verdict: "good")
  }

  @Test("wrong specs are wrong in both eyes", .enabled(if: hasPython, noPython))
  func wrong() throws {
    let tables = [
      "5", "[]", "{}", "every", "[orders, 5]", "[5]", "{ orders: 5 }", "{ orders: { kye: id } }",
      "{ orders: { row_count: -1 } }", "{ orders: { row_count: 1.5 } }",
      "{ orders: { row_count: same } }", "{ orders: { row_count: { within: 5% , and: 1 } } }",
      "{ orders: { row_count: { within: much } } }", "{ orders: { row_count: { source: 1 } } }",
      "{ orders: { checksum: none } }", "{ orders: { checksum: { except: id } } }",
      "{ orders: { severity: warning } }", "{ orders: { columns: { id: { not_null: yes } } } }",
      "{ orders: { columns: { id: { typ: int } } } }", "{ orders: { tags: pii } }",
      "{ orders: { constraints: { except: [checks], because: no idea } } }",
      "{ orders: { constraints: { except: [check] } } }", "{ orders: { only_in: nowhere } }",
      "{ orders: { column_count: 0 } }", "{ \"1orders\": }", "{ a.b.c.d: }",
      "{ all: { except: { x: } } }", "{ orders: { columns: { id: { accepted_values: [] } } } }",
    ]
    let whole = [
      "", "[]", "5", "version: 1\n", "version: 1\nname: x\ntables: all\n",
      spec().replacingOccurrences(of: "version: 1", with: "version: 2"),
      spec().replacingOccurrences(of: "version: 1", with: "version: \"1\""),
      spec().replacingOccurrences(of: "name: Shop", with: "nmae: Shop"),
      spec().replacingOccurrences(of: "$DATABASE_URL", with: "DATABASE_URL"),
      spec().replacingOccurrences(of: "$DATABASE_URL", with: "postgres://a:b@c/d"),
      spec().replacingOccurrences(of: "snowflake: shop", with: "snowflak: shop"),
      spec() + "dbt: {}\n", spec() + "extra: 1\n", spec() + "unlisted_tables: maybe\n",
      spec() + "environments: {}\n",
    ]
    try expectSame(tables.map { spec(tables: $0) } + whole, status: 2, verdict: "bad")
  }

  private func spec(tables: String = "all") -> String {
    """
    version: 1
    name: Shop
    source: { postgres: $DATABASE_URL }
    target: { snowflake: shop, database: SHOP, schema: PUBLIC }
    tables: \(tables)

    """
  }

  /// Expects parity and the validator to agree on every spec.
  private func expectSame(_ specs: [String], status: Int32, verdict: String) throws {
    let sandbox = try Sandbox()
    let names = specs.indices.map { "\($0).yml" }
    for (name, text) in zip(names, specs) { try sandbox.write(text, to: name) }
    let verdicts = try verdicts(names.map(sandbox.file))
    for (index, name) in names.enumerated() {
      let run = try sandbox.parity("validate", name)
      #expect(run.status == status, "parity: \(specs[index])\n\(run.errors)")
      #expect(verdicts[index].hasPrefix(verdict), "schema: \(specs[index])\n\(verdicts[index])")
    }
  }
}
