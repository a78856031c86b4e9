import Diagnostics
import Foundation
import SpecCore
import TestSupport
import Testing
import YAMLSource

/// Every spec is planned to the very plan, or refused with the very diagnostics, beside it.
@Suite struct PlanTests {
  @Test(arguments: Fixture.all("yml", in: "Specs"))
  func plan(_ fixture: Fixture) throws {
    let file = try YAMLParser.source(name: fixture.name, bytes: fixture.bytes())
    let spec = try SpecReader.read(file, slug: "spec")
    expectGolden(dump(spec), at: fixture.golden("plan"))
  }

  @Test(arguments: Fixture.all("yml", in: "Invalid"))
  func refused(_ fixture: Fixture) throws {
    let file = try YAMLParser.source(name: fixture.name, bytes: fixture.bytes())
    let error = try #require(throws: DiagnosticsError.self) {
      try SpecReader.read(file, slug: "spec")
    }
    let text = DiagnosticRenderer(files: [file.masked()], style: .plain).render(error.diagnostics)
    expectGolden(text, at: fixture.golden("diagnostics"))
  }

  /// Every code that `parity explain` knows is shown by a fixture, and the other way round.
  @Test func codes() throws {
    let golden = Fixture.all("diagnostics", in: "Invalid")
    let texts = try golden.map { String(decoding: try $0.bytes(), as: UTF8.self) }
    let explained = Set(SpecReader.explanations.map(\.code)).subtracting(["E0001"])
    for code in explained {
      #expect(texts.contains { $0.contains("[\(code)]") }, "no fixture shows \(code)")
    }
    let codes = texts.flatMap { $0.matches(of: /\[(E[0-9]{4})\]/).map { String($0.1) } }
    #expect(Set(codes) == explained)
  }

  @Test func schema() {
    expectGolden(
      SpecReader.jsonSchema.rendered() + "\n", at: Fixture.folder("schema.json"))
  }

  /// The schema and the reader come from one declaration; its patterns accept what is accepted.
  @Test func schemaIsValidJSON() throws {
    let parsed = try JSONValue.parse(SpecReader.jsonSchema.rendered(indent: 0))
    #expect(parsed == SpecReader.jsonSchema)
  }

  /// The tables of `all` are known only when the source was asked.
  @Test func allTables() throws {
    let file = try Fixture.all("yml", in: "Specs").first { $0.name == "all.yml" }
      .map { try YAMLParser.source(name: $0.name, bytes: $0.bytes()) }
    let spec = try SpecReader.read(try #require(file))
    guard case .found(let source, let target) = spec.sides(environment: nil) else {
      Issue.record("the spec names both sides")
      return
    }
    let planner = Planner(spec: spec, slug: "all", source: source, target: target)
    #expect(planner.neededCatalog == SchemaName(schema: Identifier("public")))
    let tables = ["orders", "customers", "Customers", "refunds", "a b"].map {
      Migration.table(.source, $0, Migration.sourceColumns)
    }
    let view = Migration.table(.source, "totals", Migration.sourceColumns, kind: .view)
    let plan = planner.plan(sourceTables: Migration.schema(.source, tables + [view]))
    expectGolden(dump(plan), at: Fixture.folder("Specs") + "/all.tables.plan")
  }

  @Test func sidesOfAnEnvironment() throws {
    let fixture = try #require(
      Fixture.all("yml", in: "Specs").first { $0.name == "environments.yml" })
    let file = try YAMLParser.source(name: fixture.name, bytes: fixture.bytes())
    let spec = try SpecReader.read(file)
    guard case .found(let source, let target) = spec.sides(environment: "production") else {
      Issue.record("the environment is there")
      return
    }
    #expect(source.declared == "postgres $PRODUCTION_URL")
    #expect(target.declared == "snowflake shop_production")
    for name in [nil, "nowhere"] {
      guard case .unknown(let available) = spec.sides(environment: name) else {
        Issue.record("\(name ?? "no name") is not an environment")
        continue
      }
      #expect(available == ["rehearsal", "production"])
    }
  }
}
