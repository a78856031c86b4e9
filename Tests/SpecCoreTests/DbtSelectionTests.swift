import Foundation
import SpecCore
import Testing

/// dbt's own selection words, on a small project.
@Suite struct DbtSelectionTests {
  @Test(
    "what dbt would select",
    arguments: [
      ("b", "b"), ("tag:migrated", "b"), ("marts", "b c d unique_b_id works"),
      ("shop.marts.c", "c"),
      ("marts.deep", "d"), ("path:models/staging", "a orders source_not_null"),
      ("models/marts/deep", "d"), ("c.sql", "c"), ("file:e", "e"), ("e.csv", "e"),
      ("+b", "a b orders"), ("1+c", "b c e"), ("a+1", "a b d"),
      ("b+", "adds_up b c unique_b_id works"),
      ("@b", "a adds_up b c e orders unique_b_id works"), ("tag:migrated c", "b c"),
      ("path:models/marts,config.materialized:table", "c"),
      ("config.materialized:view", "a b"), ("config.full_refresh:true,e", "e"),
      ("resource_type:seed", "e"), ("source:heroku", "orders"), ("source:heroku.orders", "orders"),
      ("test_type:singular", "adds_up"), ("test_type:unit", "works"),
      ("test_name:unique", "unique_b_id"),
      ("test_type:generic", "source_not_null unique_b_id"),
      ("package:shop,resource_type:model", "a b c d"),
      ("ma*", "b c d unique_b_id works"), ("tag:mig*", "b"), ("[ab]", ""), ("[!a-d]", "e"),
      ("path:models/**/d.sql", "d"), ("tag:none", ""), ("nobody", ""), ("models/mart", ""),
      ("result:fail", "adds_up"), ("state", ""),
    ])
  func selects(_ words: String, _ names: String) throws {
    var sample = DbtSample()
    sample.statuses["test.shop.adds_up"] = "fail"
    let graph = try DbtGraph(sample.manifest)
    let ids = graph.selected(
      try DbtSelection(words), results: try DbtRunResults(sample.results))
    let found = ids.compactMap { graph.nodes[$0]?.name }.sorted()
    #expect(found.joined(separator: " ") == names)
  }

  /// `dbt ls --select` of dbt-core 1.12.0 on `examples/dbt`, whose manifest the fault bench keeps.
  @Test("what dbt itself selects")
  func asDbt() throws {
    let root = try #require(#filePath.components(separatedBy: "/Tests/").first)
    func text(_ path: String) throws -> String {
      try String(contentsOfFile: "\(root)/Tests/\(path)", encoding: .utf8)
    }
    let graph = try DbtGraph(text("FaultBench/artifacts/manifest.json"))
    let expected = try JSONDecoder().decode(
      [String: [String]].self,
      from: Data(text("SpecCoreTests/Fixtures/dbt/selected.json").utf8))
    #expect(expected.count > 25)
    for (words, ids) in expected {
      let selected = graph.selected(try DbtSelection(words))
      // dbt adds the tests of whatever is selected.
      let tests = graph.nodes.values.filter { node in
        (node.kind == .test || node.kind == .unitTest)
          && node.parents.contains(where: selected.contains)
      }
      #expect(selected.union(tests.map(\.id)) == Set(ids), "\(words)")
    }
  }

  @Test("what is excluded goes")
  func excludes() throws {
    let graph = try DbtGraph(DbtSample().manifest)
    let ids = graph.selected(
      try DbtSelection("resource_type:model"),
      except: try DbtSelection("config.materialized:table d"))
    #expect(ids == ["model.shop.a", "model.shop.b"])
  }

  @Test(
    "what cannot be resolved is refused",
    arguments: ["state:modified", "selector:nightly", "colour:red", "tag:", "+", "a,,b", "  "])
  func refuses(_ words: String) {
    #expect(throws: DbtSelection.Mistake.self) { try DbtSelection(words) }
  }

  @Test(
    "versions of the manifest",
    arguments: [("v10", true), ("v11", true), ("v12", true), ("v13", false), ("v4", false)])
  func versions(_ version: String, _ isKnown: Bool) throws {
    #expect(try DbtGraph(DbtSample(version: version).manifest).isKnown == isKnown)
  }

  @Test(
    "what is no manifest", arguments: ["", "{}", "[]", "{\"metadata\": {}}", "{\"a\": "])
  func broken(_ text: String) {
    #expect(throws: DbtGraph.Mistake.self) { try DbtGraph(text) }
    #expect(throws: DbtGraph.Mistake.self) { try DbtRunResults(text) }
    #expect(throws: DbtGraph.Mistake.self) { try DbtCatalog(text) }
  }

  @Test(
    "moments as dbt writes them",
    arguments: [
      ("2026-11-23T03:24:09.779794Z", "2026-11-23T03:24:09Z"),
      ("2026-11-23T03:24:09", "2026-11-23T03:24:09Z"),
      ("2026-11-23T03:24:09.5+01:00", "2026-11-23T02:24:09Z"),
      ("2026-11-23 03:24:09-0230", "2026-11-23T05:54:09Z"),
    ])
  func moments(_ text: String, _ utc: String) {
    #expect(Timestamp(iso: text)?.description == utc)
  }

  @Test(
    "what is no moment",
    arguments: [
      "", "yesterday", "2026-11-23", "2026-13-23T03:24:09Z", "2026-11-23T03:24:09X",
      "2026-11-23T03:24:09.Z",
    ])
  func noMoments(_ text: String) { #expect(Timestamp(iso: text) == nil) }
}
