import Diagnostics

extension Planner {
  /// The waiver of a check; the first where several name it.
  func waiver(of id: CheckID) -> Waiver? { spec.waivers?.first { $0.names(id) } }

  /// The waivers with the checks of these suites that they name.
  func waivers(_ suites: [Plan.Suite]) -> [Plan.WaiverStep] {
    guard let waivers = spec.waivers else { return [] }
    let ids = suites.flatMap(\.steps).map(\.id)
    return waivers.map { waiver in
      let named = ids.filter(waiver.names)
      return Plan.WaiverStep(
        id: CheckID(spec: slug, section: Waiver.section, object: "", check: waiver.check.value),
        waiver: waiver, checks: named,
        nearest: named.isEmpty ? Self.nearest(to: waiver, among: ids, slug: slug) : nil)
    }
  }

  /// Waivers of no check, and checks that are waived twice, where all checks are known offline.
  static func waiverMistakes(of spec: Spec, slug: String) -> [Diagnostic] {
    guard let waivers = spec.waivers else { return [] }
    let names = spec.environments.map { $0.map { Optional($0.name.value) } } ?? []
    let planners = (names + [nil]).compactMap { name -> Planner? in
      guard case .found(let source, let target) = spec.sides(environment: name) else { return nil }
      return Planner(spec: spec, slug: slug, source: source, target: target)
    }
    // What is found at run time is judged at run time.
    if planners.contains(where: { $0.neededCatalog != nil || $0.neededFiles != nil }) { return [] }
    let ids = planners.flatMap { $0.plan().steps.map(\.id) }
    var diagnostics: [Diagnostic] = []
    var waived: [CheckID: Waiver] = [:]
    for waiver in waivers {
      let named = Set(ids.filter(waiver.names))
      if named.isEmpty {
        let near = nearest(to: waiver, among: ids, slug: slug)
        diagnostics.append(Diagnostic(.noCheck(waiver.check.value, near), at: waiver.range))
      }
      // In the order of the plan, so that the same spec has the same diagnostics.
      if let twice = ids.first(where: { named.contains($0) && waived[$0] != nil }),
        let first = waived[twice]
      {
        diagnostics.append(
          .waivedTwice(twice.description, at: waiver.range, first: first.range))
      }
      for id in named where waived[id] == nil { waived[id] = waiver }
    }
    return diagnostics
  }

  /// The id that was most likely meant: also where the spec's name is wrong or missing.
  private static func nearest(
    to waiver: Waiver, among ids: [CheckID], slug: String
  ) -> String? {
    let word = waiver.check.value
    let known = ids.map(\.description)
    let behind = word.drop { $0 != "." }
    return [word, "\(slug).\(word)", "\(slug)\(behind)"].lazy
      .compactMap { nearestName(to: $0, among: known) }.first
  }
}

extension Diagnostic.Message {
  fileprivate static func noCheck(_ word: String, _ near: String?) -> Self {
    Self(
      "E0113", "no check has the id `\(word)`",
      label: near.map { "did you mean `\($0)`?" } ?? "not the id of a check",
      notes: ["`parity run --list` prints the ids of all checks"])
  }
}
