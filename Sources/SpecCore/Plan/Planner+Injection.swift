import Diagnostics
import Injection

extension Planner {
  /// The suite of the lint: one check for each rule.
  func suite(
    _ injection: InjectionSpec, section: String = "security", at place: SourceRange? = nil
  ) -> Plan.Suite {
    let request = InjectionRequest(
      (injection.paths ?? []).map(\.value), includesCompiled: injection.compiled ?? false)
    let excuses = (injection.except ?? []).filter { $0.rule == nil }
      .map { InjectionCheck.Excuse(pattern: $0.subject.value, because: $0.because) }
    let steps = injection.chosen.map { rule in
      let wanted = injection.rules?.first { $0.value == rule }
      return Plan.Step(
        id: CheckID(spec: slug, section: section, object: "injection", check: rule.rawValue),
        clause: "5a.v", sentence: rule.explanation.expectation,
        range: place ?? wanted?.range ?? injection.paths?.first?.range ?? injection.range,
        severity: injection.severity ?? .error, tags: [],
        check: InjectionCheck(rule, request, excuses: excuses))
    }
    let paths = request.paths.joined(separator: ", ")
    return Plan.Suite(
      name: "\(slug).\(section).injection", title: "injection (\(paths))", steps: steps)
  }

  /// What the author leaves out, and that comments in the files may.
  func exceptions(_ injection: InjectionSpec) -> [SpecException] {
    let object = "\(slug).security.injection"
    var found: [SpecException] = []
    func add(_ subject: String, _ sentence: String, _ because: String?, _ range: SourceRange) {
      found.append(
        SpecException(subject: subject, sentence: sentence, because: because, range: range))
    }
    for excuse in injection.except ?? [] {
      if let rule = excuse.rule {
        add(
          "\(object).\(rule.rawValue)",
          "Injection: \(rule.explanation.title) (\(rule.rawValue)) is not looked for.",
          excuse.because, excuse.subject.range)
      } else {
        add(
          object, "Injection: what is found in \(excuse.subject.value) is excused.",
          excuse.because, excuse.subject.range)
      }
    }
    if let rules = injection.rules {
      let names = rules.map(\.value.rawValue).joined(separator: ", ")
      add(
        object, "Injection: only these rules are looked at: \(names).", nil,
        rules.first?.range ?? injection.range)
    }
    if injection.severity == .warn {
      add(object, "Injection: findings only warn.", nil, injection.range)
    }
    add(
      object,
      "Injection: places that a comment in the files allows (`parity: allow RULE because …`) are no "
        + "findings.",
      "each is told with its reason, and counted, in the results of its check",
      injection.paths?.first?.range ?? injection.range)
    return found
  }
}
