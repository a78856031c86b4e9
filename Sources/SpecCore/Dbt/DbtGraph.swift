/// A dbt project as its manifest describes it: what there is, and what is built from what.
///
/// Format: https://schemas.getdbt.com/dbt/manifest/v12.json; v10 and v11 have the same fields of
/// interest. Fields that are not known are ignored.
package struct DbtGraph: Equatable, Sendable {
  /// Why a file is no manifest that can be used.
  package struct Mistake: Error, Hashable, Sendable {
    /// In lower case.
    package let reason: String

    package init(reason: String) { self.reason = reason }
  }

  /// `https://schemas.getdbt.com/dbt/manifest/v12.json` is 12.
  package let version: Int
  package let project: String
  /// `snowflake`, `postgres`.
  package let adapter: String?
  package let generatedAt: Timestamp?
  package let invocation: String?
  /// Everything that can be selected, by its unique id; disabled nodes are not there.
  package let nodes: [String: DbtNode]
  /// What is built from each node.
  let children: [String: [String]]

  /// Reads `manifest.json`.
  package init(_ text: String) throws(Mistake) {
    let root = try Self.parsed(text)
    let schema = root["metadata"]?["dbt_schema_version"]?.text ?? ""
    guard let version = Self.version(of: schema, called: "manifest") else {
      throw Mistake(reason: "it is no manifest of dbt")
    }
    self.version = version
    project = root["metadata"]?["project_name"]?.text ?? ""
    adapter = root["metadata"]?["adapter_type"]?.text
    generatedAt = root["metadata"]?["generated_at"]?.text.flatMap { Timestamp(iso: $0) }
    invocation = root["metadata"]?["invocation_id"]?.text
    var nodes: [String: DbtNode] = [:]
    for section in ["nodes", "sources", "unit_tests", "exposures"] {
      for (id, value) in Self.members(root[section]) {
        if let node = DbtNode(id, value) { nodes[id] = node }
      }
    }
    var children: [String: [String]] = [:]
    for node in nodes.values {
      for parent in node.parents { children[parent, default: []].append(node.id) }
    }
    self.nodes = nodes
    self.children = children
  }

  /// Whether the version is one that this reader was written for.
  package var isKnown: Bool { (10...12).contains(version) }

  /// Every node in the order of its id.
  package var sorted: [DbtNode] { nodes.values.sorted { $0.id < $1.id } }

  /// The node of the relation, where dbt makes one; names are compared as Snowflake and Postgres do
  /// without quotation marks, since the manifest has them as they were written.
  func node(of relation: Relation) -> DbtNode? {
    sorted.first { $0.relation.map { $0.means(relation) } ?? false }
  }

  static func parsed(_ text: String) throws(Mistake) -> JSONValue {
    do throws(JSONParseError) {
      return try JSONValue.parse(text)
    } catch {
      throw Mistake(reason: "it is no JSON: \(error.reason), at byte \(error.offset)")
    }
  }

  /// `…/dbt/manifest/v12.json` is version 12 of a manifest.
  static func version(of schema: String, called name: String) -> Int? {
    let parts = schema.split(separator: "/")
    guard parts.count > 1, parts[parts.count - 2] == name, let last = parts.last,
      last.hasPrefix("v"), last.hasSuffix(".json")
    else { return nil }
    return Int(last.dropFirst().dropLast(5))
  }

  static func members(_ value: JSONValue?) -> [(String, JSONValue)] {
    guard case .object(let members) = value else { return [] }
    return members
  }
}

/// Something of a dbt project: a model, a test, a source and so on.
package struct DbtNode: Equatable, Sendable {
  /// What it is, as dbt calls it.
  package enum Kind: String, Hashable, Sendable {
    case model, seed, snapshot, source, test, analysis, operation, exposure
    case unitTest = "unit_test"

    /// Whether it stands for rows.
    package var isRelation: Bool {
      switch self {
      case .model, .seed, .snapshot, .source: true
      default: false
      }
    }
  }

  /// `model.shop.customer_ltv`.
  package let id: String
  package let kind: Kind
  package let name: String
  package let package: String
  /// From the project's folder: `models/marts/customer_ltv.sql`.
  package let path: String
  /// Package, folders and name.
  package let fqn: [String]
  package let tags: [String]
  package let meta: JSONValue?
  package let config: JSONValue?
  /// Where its rows are; `nil` for what has none.
  package let relation: DbtRelation?
  /// What it is built from, or tests.
  package let parents: [String]
  package let test: DbtTest?
  /// The columns that the project documents.
  package let columns: [String]
  package let compiled: String?
  package let group: String?
  package let access: String?
  /// Of a source, the name of its group: `heroku` in `heroku.orders`.
  package let sourceName: String?

  init?(_ id: String, _ value: JSONValue) {
    guard let kind = (value["resource_type"]?.text).flatMap(Kind.init(rawValue:)),
      let name = value["name"]?.text
    else { return nil }
    func texts(_ value: JSONValue?) -> [String] {
      if let text = value?.text { return [text] }
      return (value?.elements ?? []).compactMap(\.text)
    }
    self.id = id
    self.kind = kind
    self.name = name
    package = value["package_name"]?.text ?? ""
    path = value["original_file_path"]?.text ?? ""
    fqn = texts(value["fqn"])
    config = value["config"]
    var all = texts(value["tags"])
    for tag in texts(value["config"]?["tags"]) where !all.contains(tag) { all.append(tag) }
    tags = all
    meta = DbtNode.isEmpty(value["meta"]) ? value["config"]?["meta"] : value["meta"]
    relation = kind.isRelation ? DbtRelation(value) : nil
    parents = texts(value["depends_on"]?["nodes"])
    test = kind == .test || kind == .unitTest ? DbtTest(value) : nil
    columns = DbtGraph.members(value["columns"]).map { $0.1["name"]?.text ?? $0.0 }
    compiled = (value["compiled_code"] ?? value["compiled_sql"])?.text
    group = value["group"]?.text ?? value["config"]?["group"]?.text
    access = value["access"]?.text ?? value["config"]?["access"]?.text
    sourceName = value["source_name"]?.text
  }

  private static func isEmpty(_ value: JSONValue?) -> Bool {
    guard case .object(let members) = value else { return true }
    return members.isEmpty
  }

  /// `view`, `table`, `incremental`, `ephemeral`; `nil` where it has none.
  package var materialized: String? { config?["materialized"]?.text }

  /// The view that a model stands for, as its `meta.replaces` says.
  package var replaces: String? { meta?["replaces"]?.text }
}

/// Where a node's rows are, as the manifest writes it.
package struct DbtRelation: Hashable, Sendable {
  package let database: String?
  package let schema: String
  package let name: String
  /// The name as dbt writes it into SQL: `"SHOP"."ANALYTICS"."X"`, or without quotation marks.
  package let written: String?

  init?(_ value: JSONValue) {
    // A source's own name may differ from its table's.
    guard let schema = value["schema"]?.text,
      let name = (value["identifier"] ?? value["alias"] ?? value["name"])?.text
    else { return nil }
    // Ephemeral models have no relation: they are a part of whatever reads them.
    if value["config"]?["materialized"]?.text == "ephemeral" { return nil }
    database = value["database"]?.text
    self.schema = schema
    self.name = name
    written = value["relation_name"]?.text
  }

  /// The relation as the target's catalog spells it: in quotation marks exactly, else folded.
  func relation(in engine: Engine) -> Relation {
    let parts = written.flatMap(QualifiedName.init)?.parts ?? []
    func spelt(_ part: QualifiedName.Part) -> Identifier {
      Identifier(part.isQuoted ? part.text : engine.folded(part.text))
    }
    if let last = parts.last, parts.count > 1 {
      let outer = parts.dropLast().map(spelt)
      return Relation(
        schema: SchemaName(
          database: engine == .postgres || outer.count < 2 ? nil : outer[0],
          schema: outer[outer.count - 1]), name: spelt(last))
    }
    return Relation(
      schema: SchemaName(
        database: engine == .postgres ? nil : database.map { Identifier(engine.folded($0)) },
        schema: Identifier(engine.folded(schema))), name: Identifier(engine.folded(name)))
  }

  /// `shop.analytics.customer_ltv`.
  package var description: String {
    [database, schema, name].compactMap(\.self).joined(separator: ".")
  }

  /// Whether this is the relation, whatever the case of its names: the manifest has them as they were
  /// written, the database as it folds them.
  func means(_ relation: Relation) -> Bool {
    func same(_ left: String, _ right: Identifier) -> Bool { sameName(left, right) }
    if let database, let other = relation.schema.database, !same(database, other) { return false }
    return same(schema, relation.schema.schema) && same(name, relation.name)
  }
}

/// What a test asserts, and how much a failure matters to dbt.
package struct DbtTest: Hashable, Sendable {
  /// The generic test's name, such as `not_null`; `nil` for a test of its own SQL.
  package let name: String?
  package let column: String?
  /// The node that it stands at, where dbt says so.
  package let attached: String?
  /// Whether dbt itself only warns of failures.
  package let isWarning: Bool
  /// The rows that it looks at, where not all.
  package let condition: String?
  /// What counts as failed, where not `!= 0`.
  package let thresholds: [String]

  init(_ value: JSONValue) {
    name = value["test_metadata"]?["name"]?.text
    column = value["column_name"]?.text
    attached = value["attached_node"]?.text
    isWarning = value["config"]?["severity"]?.text?.lowercased() == "warn"
    condition = value["config"]?["where"]?.text
    thresholds = ["error_if", "warn_if"].compactMap { key in
      guard let text = value["config"]?[key]?.text, text != "!= 0" else { return nil }
      return "\(key) \(text)"
    }
  }
}
