/// What dbt's files say by themselves.
enum DbtJudgement {
  /// Whether the files are there, fit each other and the target.
  static func artifacts(
    _ artifacts: DbtArtifacts, _ spec: DbtSpec, selected: Int, engine: Engine
  ) -> Verdict {
    var verdict = Verdict(summary: "", type: "dbt_artifacts")
    if let problem = artifacts.manifest.problem { verdict.unchecked.append(problem) }
    if spec.tests != nil, let problem = artifacts.results.problem {
      verdict.unchecked.append(problem)
    }
    if case .unusable = artifacts.catalog, let problem = artifacts.catalog.problem {
      verdict.unchecked.append(problem)
    }
    if let graph = artifacts.manifest.content { judge(graph, artifacts, engine, &verdict) }
    if artifacts.manifest.content != nil, selected == 0 {
      verdict.findings.append("the selection fits no model of the project: nothing is looked at")
    }
    if let graph = artifacts.manifest.content {
      let at = graph.generatedAt.map { " of \($0)" } ?? ""
      verdict.summary =
        "manifest v\(graph.version)\(at), \(counted(selected, "model")) selected"
    }
    verdict.summary =
      verdict.findings.first ?? verdict.unchecked.first?.reason ?? verdict.summary
    return verdict
  }

  private static func judge(
    _ graph: DbtGraph, _ artifacts: DbtArtifacts, _ engine: Engine, _ verdict: inout Verdict
  ) {
    if !graph.isKnown {
      verdict.notes.append(
        "the manifest is of version \(graph.version); versions 10 to 12 are known, and fields that "
          + "are not known were ignored")
    }
    if let adapter = graph.adapter, adapter != engine.rawValue {
      verdict.findings.append(
        "dbt built these models in \(adapter), and the target of this run is \(engine.rawValue)")
    }
    guard let results = artifacts.results.content else { return }
    if !results.isKnown {
      verdict.notes.append(
        "the results are of version \(results.version); versions 4 to 6 are known")
    }
    guard let built = results.invocation, let written = graph.invocation, built != written else {
      return
    }
    let tested = graph.nodes.values.filter { $0.kind == .test || $0.kind == .unitTest }
    // `dbt docs generate` and `dbt ls` write the manifest again, and the results not always.
    if let first = results.generatedAt, let later = graph.generatedAt, later > first {
      verdict.notes.append(
        "the manifest was written again after the tests were run (\(later), \(first)): models that "
          + "were changed in between are not the ones that were tested")
    }
    let strangers = results.results.keys.filter {
      ($0.hasPrefix("test.") || $0.hasPrefix("model.")) && graph.nodes[$0] == nil
    }.sorted()
    if let first = strangers.first, !tested.isEmpty {
      verdict.findings.append(
        "the results are of another state of the project than the manifest: "
          + "\(counted(strangers.count, "node")) such as \(first) in them "
          + "\(strangers.count == 1 ? "is" : "are") not in the manifest")
    }
  }

  /// What became of one test.
  static func test(_ node: DbtNode, _ part: DbtArtifacts.Part<DbtRunResults>) -> Verdict {
    guard let results = part.content else {
      let problem = part.problem.map { [$0] } ?? []
      return Verdict(summary: problem.first?.reason ?? "", unchecked: problem)
    }
    var verdict = Verdict(summary: "", type: "dbt_test_failed")
    if let condition = node.test?.condition {
      verdict.notes.append("the test looks only at rows where \(condition)")
    }
    verdict.notes += (node.test?.thresholds ?? []).map { "the test is loosened: \($0)" }
    guard let result = results.results[node.id] else {
      let command = results.command.map { " (`dbt \($0)`)" } ?? ""
      let reason = "the test was not run: dbt's last results\(command) do not have it"
      verdict.summary = reason
      verdict.unchecked = [
        Verdict.Unchecked(
          type: "not_run", reason: reason,
          remedy: "run `dbt build` or `dbt test` last, with a selection that includes it")
      ]
      return verdict
    }
    let rows = result.failures.map { counted($0, "row") } ?? "rows"
    let words = result.message.map { ": \($0.firstLine)" } ?? ""
    switch result.status {
    case "pass":
      verdict.summary = "passed" + (result.startedAt.map { ", run at \($0)" } ?? "")
    case "fail", "warn":
      let finding =
        node.kind == .unitTest
        ? "the unit test fails\(words)"
        : "\(rows) \(result.failures == 1 ? "breaks" : "break") it\(words)"
      verdict.summary = finding
      verdict.findings = [finding]
    case "skipped":
      verdict.summary = "dbt skipped the test\(words)"
      verdict.unchecked = [
        Verdict.Unchecked(
          type: "skipped", reason: verdict.summary,
          remedy: "dbt skips what stands behind a failure: look at what failed before")
      ]
    default:
      verdict.summary = "dbt could not run the test (\(result.status))\(words)"
      verdict.unchecked = [Verdict.Unchecked(type: "dbt_error", reason: verdict.summary)]
    }
    return verdict
  }

  /// Whether the columns that a project documents are those that dbt found.
  static func catalog(_ catalog: DbtCatalog, _ models: [DbtNode]) -> Verdict {
    var verdict = Verdict(summary: "", type: "dbt_columns")
    var looked = 0
    for model in models where model.relation != nil {
      guard let found = catalog.columns[model.id] else {
        verdict.findings.append(
          "\(model.name) is not in catalog.json: it was not there when dbt looked")
        continue
      }
      looked += 1
      let known = Set(found.map { $0.lowercased() })
      for column in model.columns where !known.contains(column.lowercased()) {
        verdict.findings.append("\(model.name).\(column) is documented, but not there")
      }
    }
    if looked == 0, verdict.findings.isEmpty {
      verdict.unchecked.append(
        Verdict.Unchecked(type: "nothing_compared", reason: "catalog.json tells of no model"))
    }
    let at = catalog.generatedAt.map { " at \($0)" } ?? ""
    verdict.summary =
      verdict.findings.first ?? verdict.unchecked.first?.reason
      ?? "\(counted(looked, "model")) with all documented columns, as dbt saw them\(at)"
    return verdict
  }
}
