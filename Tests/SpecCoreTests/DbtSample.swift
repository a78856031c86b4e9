import SpecCore

/// A small dbt project, and what dbt would have written of it.
///
/// `a` (staging) reads the source `heroku.orders`; `b` (a view, tagged) reads `a`; `c` (a table) reads
/// `b`; `d` is ephemeral; `e` a seed.
struct DbtSample {
  var version = "v12"
  var adapter = "snowflake"
  var invocation = "one"
  var replaces: String? = "orders"
  var bIsView = true
  /// Statuses by the ids of tests; those that are not here were not run.
  var statuses = [
    "test.shop.unique_b_id.1": "pass", "test.shop.adds_up": "pass",
    "test.shop.source_not_null.2": "pass", "unit_test.shop.b.works": "pass",
  ]
  var failures: [String: Int] = [:]
  var resultsAt = "2026-11-23T03:24:09.779794Z"
  /// Severity of `unique_b_id`, as dbt writes it.
  var severity = "ERROR"

  var manifest: String {
    let meta = replaces.map { #"{"replaces": "\#($0)"}"# } ?? "{}"
    return """
      {"metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/\(version).json",
       "project_name": "shop", "adapter_type": "\(adapter)", "invocation_id": "\(invocation)",
       "generated_at": "2026-11-23T03:24:00Z"},
       "nodes": {
        \(node("model.shop.a", "staging", "a", parents: ["source.shop.heroku.orders"])),
        \(node("model.shop.b", "marts", "b", parents: ["model.shop.a"], tags: ["migrated"],
          materialized: bIsView ? "view" : "table", meta: meta)),
        \(node("model.shop.c", "marts", "c", parents: ["model.shop.b", "seed.shop.e"],
          materialized: "table")),
        \(node("model.shop.d", "marts/deep", "d", parents: ["model.shop.a"],
          materialized: "ephemeral")),
        \(node("seed.shop.e", "", "e", parents: [], kind: "seed", materialized: "seed")),
        "test.shop.unique_b_id.1": {"resource_type": "test", "name": "unique_b_id",
         "package_name": "shop", "original_file_path": "models/marts/marts.yml",
         "fqn": ["shop", "marts", "unique_b_id"], "column_name": "id",
         "attached_node": "model.shop.b", "test_metadata": {"name": "unique"},
         "config": {"severity": "\(severity)"}, "depends_on": {"nodes": ["model.shop.b"]}},
        "test.shop.adds_up": {"resource_type": "test", "name": "adds_up", "package_name": "shop",
         "original_file_path": "tests/adds_up.sql", "fqn": ["shop", "adds_up"],
         "config": {"severity": "ERROR", "where": "id > 1"},
         "depends_on": {"nodes": ["model.shop.c", "model.shop.b"]}},
        "test.shop.source_not_null.2": {"resource_type": "test", "name": "source_not_null",
         "package_name": "shop", "original_file_path": "models/staging/sources.yml",
         "fqn": ["shop", "staging", "source_not_null"], "test_metadata": {"name": "not_null"},
         "depends_on": {"nodes": ["source.shop.heroku.orders"]}, "config": {}}
       },
       "sources": {"source.shop.heroku.orders": {"resource_type": "source", "name": "orders",
         "package_name": "shop", "source_name": "heroku", "database": "SHOP", "schema": "PUBLIC",
         "identifier": "orders", "relation_name": "SHOP.PUBLIC.orders",
         "original_file_path": "models/staging/sources.yml",
         "fqn": ["shop", "staging", "heroku", "orders"], "tags": []}},
       "unit_tests": {"unit_test.shop.b.works": {"resource_type": "unit_test", "name": "works",
         "package_name": "shop", "original_file_path": "models/marts/marts.yml",
         "fqn": ["shop", "marts", "b", "works"], "depends_on": {"nodes": ["model.shop.b"]}}},
       "exposures": {}}
      """
  }

  private func node(
    _ id: String, _ folder: String, _ name: String, parents: [String], kind: String = "model",
    tags: [String] = [], materialized: String = "view", meta: String = "{}"
  ) -> String {
    func list(_ values: [String]) -> String {
      "[" + values.map { "\"\($0)\"" }.joined(separator: ", ") + "]"
    }
    let folders = folder.split(separator: "/").map(String.init)
    let path =
      (kind == "seed" ? ["seeds"] : ["models"]) + folders
      + ["\(name).\(kind == "seed" ? "csv" : "sql")"]
    return """
      "\(id)": {"resource_type": "\(kind)", "name": "\(name)", "package_name": "shop",
       "original_file_path": "\(path.joined(separator: "/"))", "fqn": \(list(["shop"] + folders + [name])),
       "tags": \(list(tags)), "meta": \(meta), "config": {"materialized": "\(materialized)", "tags": [],
       "full_refresh": true}, "database": "SHOP", "schema": "PUBLIC", "alias": "\(name)",
       "relation_name": "SHOP.PUBLIC.\(name)", "columns": {"id": {"name": "id"}},
       "depends_on": {"nodes": \(list(parents))}}
      """
  }

  var results: String {
    let lines = statuses.sorted { $0.key < $1.key }.map { id, status in
      """
      {"unique_id": "\(id)", "status": "\(status)", "failures": \(failures[id].map { "\($0)" } ?? "null"),
       "message": "Got \(failures[id] ?? 0) results", "timing": [{"name": "compile",
       "started_at": "\(resultsAt)"}]}
      """
    }
    return """
      {"metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/run-results/v6.json",
       "generated_at": "\(resultsAt)", "invocation_id": "one"}, "args": {"which": "build"},
       "results": [\(lines.joined(separator: ",\n"))]}
      """
  }

  /// The files as the disk would hand them out.
  var found: FoundFiles {
    FoundFiles([
      FoundFile("shop/target/manifest.json", .bytes(Array(manifest.utf8))),
      FoundFile("shop/target/run_results.json", .bytes(Array(results.utf8))),
    ])
  }
}
