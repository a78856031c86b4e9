import Diagnostics
import Injection
import YAMLSource

extension SpecShapes {
  /// `injection: [models, …]`, or with more to say `{paths:, rules:, compiled:, except:}`.
  static var injection: Shape<InjectionSpec> {
    let list = Shape<[Located<String>]>.list(of: .text)
    let short = list.map { paths, node, _ in
      var spec = InjectionSpec(range: node.range)
      spec.paths = paths
      return spec
    }
    return .either(
      "files and folders, or {paths:, rules:, compiled:, except:, severity:}",
      [.list(short), .mapping(details(list))])
  }

  private static func details(_ paths: Shape<[Located<String>]>) -> Shape<InjectionSpec> {
    let excuses = Shape<[MapEntry<String>]>.map(of: .text).map { entries, _, diagnostics in
      for entry in entries where isUnknownRule(entry.name.value) {
        diagnostics.append(Diagnostic(.unknownRule(entry.name.value), at: entry.name.range))
      }
      return entries.map { InjectionSpec.Excuse(subject: $0.name, because: $0.value) }
    }
    return .object(
      "injection", InjectionSpec.init(range:),
      fields: [
        Field(
          "paths", \.paths, paths, required: true,
          "Files, folders, dbt projects and patterns (`**/*.sql`), from the spec's folder."),
        Field(
          "rules", \.rules, .list(of: .choice),
          "Only these rules, such as J1; without, all of them."),
        Field(
          "compiled", \.compiled, .flag,
          "Whether the SQL that dbt made of templates (target/compiled, target/run) is read too."),
        Field(
          "except", \.except, excuses,
          "Rules (J4), and files by their paths (models/legacy/*), that are excused, each with the "
            + "reason."),
        Field("severity", \.severity, .choice, severityMeaning),
      ],
      check: { spec, node, diagnostics in
        for excuse in spec.except ?? [] {
          guard let rule = excuse.rule,
            let wanted = spec.rules?.first(where: { $0.value == rule })
          else { continue }
          diagnostics.append(
            Diagnostic(
              .wantedAndExcused, at: excuse.subject.range,
              related: [Diagnostic.Related(range: wanted.range, text: "wanted here")]))
        }
        if spec.chosen.isEmpty { diagnostics.append(Diagnostic(.noRule, at: node.range.opening)) }
      })
  }

  /// Whether a name looks like a rule's, and is none: a letter and a digit or two.
  private static func isUnknownRule(_ name: String) -> Bool {
    let bytes = Array(name.utf8)
    guard (2...3).contains(bytes.count), LintRule(rawValue: name) == nil else { return false }
    return (0x41...0x5A).contains(bytes[0] & 0xDF)
      && bytes.dropFirst().allSatisfy { (0x30...0x39).contains($0) }
  }
}

extension Diagnostic.Message {
  fileprivate static func unknownRule(_ name: String) -> Self {
    let rules = LintRule.allCases.map(\.rawValue)
    let near = nearestName(to: name.uppercased(), among: rules).map { "did you mean `\($0)`?" }
    return Self(
      "E0102", "there is no rule `\(name)`", label: near ?? "not a rule",
      notes: ["rules: \(rules.joined(separator: ", "))"])
  }

  fileprivate static let wantedAndExcused = Self(
    "E0111", "the same rule cannot be wanted and excused", label: "excused here")

  fileprivate static let noRule = Self(
    "E0108", "every rule is excused: nothing would be looked for",
    label: "leave a rule, or take `injection` out")
}
