package import Diagnostics
package import Injection

/// That nothing a person sets, or a row holds, can become a command of the database.
package struct InjectionSpec: Sendable {
  /// Files, folders, dbt projects and patterns, from the spec's folder.
  package var paths: [Located<String>]?
  /// Only these rules; `nil` for all.
  package var rules: [Located<LintRule>]?
  /// Whether SQL that dbt made of templates is read as well.
  package var compiled: Bool?
  /// Rules, and files by their paths, that are excused, with the reason.
  package var except: [Excuse]?
  package var severity: CaseSeverity?
  package let range: SourceRange

  package init(range: SourceRange) { self.range = range }

  /// A rule or a path and why it is left out.
  package struct Excuse: Hashable, Sendable {
    /// The rule's name, or a path in which `*` stands for any text.
    package let subject: Located<String>
    package let because: String

    /// The rule, where it is one.
    package var rule: LintRule? { LintRule(rawValue: subject.value) }
  }

  /// The rules that are looked for.
  package var chosen: [LintRule] {
    let excused = Set((except ?? []).compactMap(\.rule))
    let wanted = rules.map { Set($0.map(\.value)) }
    return LintRule.allCases.filter { !excused.contains($0) && wanted?.contains($0) ?? true }
  }
}
