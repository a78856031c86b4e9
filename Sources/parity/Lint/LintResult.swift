import Diagnostics
import Injection
import SpecCore

/// What the lint came to, less the rules and files that nobody wants to hear of.
struct LintResult {
  let reading: InjectionReading
  let rules: Set<LintRule>
  let startedAt: Timestamp
  let finishedAt: Timestamp
  let findings: [LintReport.Finding]
  let allowed: [LintReport.Allowed]
  let informational: [LintReport.Finding]
  let unreadable: [LintReport.Unreadable]
  /// What could not be looked at besides.
  let problems: [Verdict.Unchecked]
  /// How many findings are in files that are left out.
  let excludedCount: Int
  /// How many files that could not be read are left out.
  let excludedFiles: Int

  init(
    reading: InjectionReading, rules: Set<LintRule>, excluded: [String], startedAt: Timestamp,
    finishedAt: Timestamp
  ) {
    self.reading = reading
    self.rules = rules
    self.startedAt = startedAt
    self.finishedAt = finishedAt
    func isExcluded(_ path: String) -> Bool {
      excluded.contains { FilePattern.covers(path, $0) }
    }
    let report = reading.report
    let found = report.findings.filter { rules.contains($0.rule) }
    findings = found.filter { !isExcluded($0.file) }
    allowed = report.allowed.filter {
      rules.contains($0.finding.rule) && !isExcluded($0.finding.file)
    }
    informational = report.informational.filter { rules.contains($0.rule) && !isExcluded($0.file) }
    unreadable = report.unreadable.filter { !isExcluded($0.file) }
    excludedCount = found.count - findings.count
    let left = reading.problems.filter { !isExcluded($0.path) }
    problems = left.map(\.unchecked)
    excludedFiles =
      Set(report.unreadable.map(\.file)).count - Set(unreadable.map(\.file)).count
      + reading.problems.count - left.count
  }

  /// A finding wins over what could not be looked at.
  var status: ExitStatus {
    if !findings.isEmpty { return .failed }
    return unreadable.isEmpty && problems.isEmpty ? .passed : .couldNotCheck
  }

  /// `1 finding in 1 file, 2 allowed`.
  var summary: String {
    var parts: [String] = []
    if findings.isEmpty {
      parts.append("nothing found")
    } else {
      let files = counted(Set(findings.map(\.file)).count, "file")
      parts.append("\(counted(findings.count, "finding")) in \(files)")
    }
    if !allowed.isEmpty { parts.append("\(grouped(allowed.count)) allowed") }
    if excludedCount > 0 { parts.append("\(counted(excludedCount, "finding")) excluded") }
    if excludedFiles > 0 {
      parts.append("\(counted(excludedFiles, "unreadable file")) excluded")
    }
    let unread = Set(unreadable.map(\.file)).count + problems.count
    if unread > 0 { parts.append("\(grouped(unread)) could not be read") }
    return parts.joined(separator: ", ")
  }
}

/// Paths with `*` for any text, and folders.
enum FilePattern {
  /// Whether the pattern fits the path, or names a folder it is in.
  static func covers(_ path: String, _ pattern: String) -> Bool {
    let plain = pattern.hasPrefix("./") ? String(pattern.dropFirst(2)) : pattern
    if path.hasPrefix(plain.hasSuffix("/") ? plain : "\(plain)/") { return true }
    let parts = plain.split(separator: "*", omittingEmptySubsequences: false).map(String.init)
    guard parts.count > 1, let first = parts.first, let last = parts.last else {
      return path == plain
    }
    guard path.hasPrefix(first), path.utf8.count >= first.utf8.count + last.utf8.count else {
      return false
    }
    // The earliest place of each part leaves most room for the next.
    var rest = path.dropFirst(first.count)
    for part in parts.dropFirst().dropLast() where !part.isEmpty {
      guard let range = rest.firstRange(of: part) else { return false }
      rest = rest[range.upperBound...]
    }
    return rest.hasSuffix(last)
  }
}
