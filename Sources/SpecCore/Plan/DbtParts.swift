import Diagnostics

/// The dbt section with what the project says of it.
struct DbtParts {
  /// A model that is compared.
  struct View {
    let name: String
    let spec: DbtViewSpec
    /// `nil` where no manifest knows it.
    let node: DbtNode?
    let range: SourceRange
  }

  let artifacts: DbtArtifacts?
  let graph: DbtGraph?
  /// Selected, in the order of their names.
  let models: [DbtNode]
  /// Those that look at a selected node.
  let tests: [DbtNode]
  let views: [View]
  private let selected: Set<String>

  init(_ spec: DbtSpec, _ artifacts: DbtArtifacts?) {
    self.artifacts = artifacts
    graph = artifacts?.manifest.content
    let results = artifacts?.results.content
    let unwanted = DbtSpec.selection(spec.exclude)
    guard let graph else {
      (selected, models, tests) = ([], [], [])
      views = (spec.views ?? []).map {
        View(name: $0.name.value, spec: $0.value, node: nil, range: $0.name.range)
      }
      return
    }
    let chosen: Set<String>
    if let wanted = DbtSpec.selection(spec.select) {
      chosen = graph.selected(wanted, except: unwanted, results: results)
    } else {
      let own = graph.nodes.values.filter { $0.package == graph.project || graph.project.isEmpty }
      let all = Set(own.map(\.id))
      chosen = unwanted.map { all.subtracting(graph.selected($0, results: results)) } ?? all
    }
    let left = unwanted.map { graph.selected($0, results: results) } ?? []
    let relations = chosen.compactMap { graph.nodes[$0] }
      .filter { $0.kind == .model || $0.kind == .seed || $0.kind == .snapshot }
    selected = chosen
    tests = graph.sorted.filter { node in
      guard node.kind == .test || node.kind == .unitTest, !left.contains(node.id) else {
        return false
      }
      return chosen.contains(node.id) || node.parents.contains { chosen.contains($0) }
    }
    var views = (spec.views ?? []).map { entry in
      View(
        name: entry.name.value, spec: entry.value,
        node: Self.model(entry.name.value, graph), range: entry.name.range)
    }
    for node in relations.sorted(by: { $0.name < $1.name })
    where node.replaces != nil && !views.contains(where: { $0.node?.id == node.id }) {
      views.append(
        View(name: node.name, spec: DbtViewSpec(range: spec.range), node: node, range: spec.range))
    }
    self.views = views
    models = relations.sorted { ($0.name, $0.id) < ($1.name, $1.id) }
  }

  /// The model of a name, or of `package.name`.
  private static func model(_ name: String, _ graph: DbtGraph) -> DbtNode? {
    let all = graph.sorted.filter {
      $0.kind == .model || $0.kind == .snapshot || $0.kind == .seed
    }
    return all.first { $0.name == name && $0.package == graph.project }
      ?? all.first { $0.name == name } ?? all.first { "\($0.package).\($0.name)" == name }
  }

  /// The part of ids that stands for the node.
  func object(of node: DbtNode) -> String {
    let isShared = models.contains { $0.name == node.name && $0.id != node.id }
    // The names of the section's own suites are taken.
    let isTaken = ["project", "injection"].contains(node.name)
    return Planner.safe(isShared || isTaken ? "\(node.package)-\(node.name)" : node.name)
  }

  /// The tests that are told with this model: those that stand at it, else at the first selected node
  /// that they look at.
  func tests(of node: DbtNode) -> [DbtNode] {
    let ids = Set(models.map(\.id))
    return tests.filter { test in
      if let attached = test.test?.attached, ids.contains(attached) { return attached == node.id }
      if let first = test.parents.filter(ids.contains).min() { return first == node.id }
      // Of a source, with the first model that is built over it.
      guard let graph else { return false }
      let below = graph.reached(from: Set(test.parents), depth: .max) { graph.children[$0] ?? [] }
      return (below.intersection(ids).min() ?? models.map(\.id).min()) == node.id
    }
  }

  /// Sources of dbt below the selected models.
  func sources(in engine: Engine) -> [Relation] {
    guard let graph else { return [] }
    let start = Set(models.map(\.id))
    return graph.reached(from: start, depth: .max) { graph.nodes[$0]?.parents ?? [] }
      .compactMap { graph.nodes[$0] }.filter { $0.kind == .source }
      .compactMap { $0.relation?.relation(in: engine) }.sorted()
  }

  func artifactsVerdict(_ spec: DbtSpec, _ engine: Engine) -> Verdict {
    guard let artifacts else {
      let reason = "\(spec.artifactsFolder)/manifest.json was not read"
      return Verdict(
        summary: reason, unchecked: [Verdict.Unchecked(type: "missing_file", reason: reason)])
    }
    return DbtJudgement.artifacts(artifacts, spec, selected: models.count, engine: engine)
  }

  /// Why it is not known where a view is.
  func whyUnknown(_ view: View, _ spec: DbtSpec) -> Verdict.Unchecked {
    if let node = view.node {
      return Verdict.Unchecked(
        type: "no_relation",
        reason: "\(node.name) is \(node.materialized ?? "no relation"): it has no rows of its own",
        remedy: "compare the models that are built over it")
    }
    guard let graph else {
      return artifacts?.manifest.problem
        ?? Verdict.Unchecked(
          type: "missing_file", reason: "\(spec.artifactsFolder)/manifest.json was not read")
    }
    let names = graph.sorted.filter { $0.kind == .model }.map(\.name)
    let near = nearestName(to: view.name, among: names).map { "; did you mean \($0)?" } ?? ""
    return Verdict.Unchecked(
      type: "unknown_model", reason: "the manifest has no model \(view.name)\(near)",
      remedy: "write the model's name, or `target:` with where the view is")
  }
}
