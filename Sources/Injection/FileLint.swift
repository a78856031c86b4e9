import Diagnostics

/// What is to be said of one file.
struct FileLint {
  private let reading: Reading
  private var observations: [Observation] = []
  private var problems: [Problem] = []
  private var comments: [AllowComment] = []
  /// What other files have to know, and the other way round.
  private(set) var views = ViewFacts()
  private(set) var findings: [LintReport.Finding] = []
  private(set) var allowed: [LintReport.Allowed] = []
  private(set) var informational: [LintReport.Finding] = []
  private(set) var unreadable: [LintReport.Unreadable] = []

  /// Applies all rules but those that need other files.
  init(_ reading: Reading, _ summaries: [String: MacroSummary]) {
    self.reading = reading
    read(reading, summaries, isHook: reading.file.kind == .hook, depth: 0)
  }

  private mutating func read(
    _ reading: Reading, _ summaries: [String: MacroSummary], isHook: Bool, depth: Int
  ) {
    if let template = reading.template {
      problems += template.problems
      comments += template.comments.compactMap { AllowComment(template.code, $0) }
      var lint = TemplateLint(
        code: reading.code, scripts: reading.scripts, summaries: summaries,
        sink: isHook ? .hook : .sql)
      lint.walk(template.nodes)
      observations += lint.observations
      for hook in lint.hooks where depth < 2 {
        let file = LintFile(
          path: reading.file.path, text: "", kind: .hook, dialect: reading.file.dialect)
        read(Reading(file, hook), summaries, isHook: true, depth: depth + 1)
      }
      if isHook { observations += HookRule.observations(template.nodes, reading.code, summaries) }
    }
    if let properties = reading.properties {
      problems += properties.problems
      comments += properties.comments.compactMap { AllowComment(reading.code, $0) }
      for hook in properties.hooks {
        let file = LintFile(
          path: reading.file.path, text: "", kind: .hook, dialect: reading.file.dialect)
        read(Reading(file, hook.code), summaries, isHook: true, depth: depth + 1)
      }
    }
    if let python = reading.python {
      observations += python.observations
      comments += python.comments.compactMap { AllowComment(reading.code, $0) }
      if let problem = python.problem { problems.append(problem) }
    }
    if isHook { observations += HookRule.observations(reading.scripts) }
    var lint = SQLLint()
    for script in reading.scripts {
      lint.read(script)
      comments += script.comments.compactMap { AllowComment(script.code, $0) }
      if let problem = script.problem {
        problems.append(
          Problem(offset: script.code.origin(problem.offset), reason: problem.reason))
      }
    }
    lint.finish()
    observations += lint.observations
    problems += lint.problems
    comments += lint.comments
    if depth == 0 { views = lint.views }
  }

  /// Applies what other files tell, and the allow comments.
  mutating func finish(protected: Set<String>) {
    observations += views.observations(protected: protected)
    guard !(observations.isEmpty && problems.isEmpty && comments.isEmpty) else { return }
    let source = SourceFile(name: reading.file.path, text: reading.file.text)
    observations.sort {
      ($0.range.lowerBound, $0.rule, $0.range.upperBound)
        < ($1.range.lowerBound, $1.rule, $1.range.upperBound)
    }
    let hooks = reading.properties?.hooks.map(\.lines) ?? []
    let allowances = comments.map {
      Allowance($0, source, reading.file.kind, comments, hooks: hooks)
    }
    var used: [Set<LintRule>] = Array(repeating: [], count: allowances.count)
    for observation in observations {
      let finding = finding(observation, source)
      let line = source.lineNumber(at: observation.range.lowerBound)
      let matching = allowances.indices.filter { allowances[$0].covers(observation.rule, line) }
      for index in matching { used[index].insert(observation.rule) }
      if let index = matching.first {
        allowed.append(
          LintReport.Allowed(finding: finding, reason: allowances[index].comment.reason))
      } else if observation.isInformational {
        informational.append(finding)
      } else {
        findings.append(finding)
      }
    }
    for (index, allowance) in allowances.enumerated() {
      guard let words = allowance.mistake(used: used[index]) else { continue }
      let range = allowance.comment.range
      findings.append(
        finding(
          Observation(
            rule: .allow, range: range, shown: String(source[range]), words: words), source))
    }
    findings.sort { ($0.place, $0.rule) < ($1.place, $1.rule) }
    var last = -1
    for problem in problems.sorted(by: { $0.offset < $1.offset }) where problem.offset != last {
      last = problem.offset
      unreadable.append(
        LintReport.Unreadable(
          place: place(problem.offset..<problem.offset, source), reason: problem.reason))
    }
  }

  private func finding(_ observation: Observation, _ source: SourceFile) -> LintReport.Finding {
    LintReport.Finding(
      rule: observation.rule, place: place(observation.range, source),
      expression: observation.shown ?? String(source[observation.range]),
      sentence: observation.words.sentence, remedy: observation.words.remedy)
  }

  /// The place in the file of which the text may be a snippet.
  private func place(_ range: Range<Int>, _ source: SourceFile) -> SourceRange {
    let inText = source.range(range)
    func shifted(_ place: SourcePosition) -> SourcePosition {
      SourcePosition(
        line: place.line + reading.file.line - 1,
        column: place.line == 1 ? place.column + reading.file.column - 1 : place.column,
        offset: place.offset)
    }
    return SourceRange(
      file: inText.file, start: shifted(inText.start), end: shifted(inText.end))
  }
}

/// An allow comment with the lines it speaks for.
private struct Allowance {
  let comment: AllowComment
  /// The lines on which it silences.
  private let lines: ClosedRange<Int>
  /// The rules of templates say nothing of SQL that dbt has rendered, comments and all.
  private let isCompiled: Bool

  /// A comment after code speaks for its own line; one that stands alone for the next one too, past
  /// other comments of its kind, and for the whole of a hook that begins there.
  init(
    _ comment: AllowComment, _ source: SourceFile, _ kind: LintFile.Kind, _ others: [AllowComment],
    hooks: [ClosedRange<Int>]
  ) {
    self.comment = comment
    isCompiled = kind == .compiled
    let first = source.lineNumber(at: comment.range.lowerBound)
    let end = source.lineNumber(at: max(comment.range.upperBound - 1, comment.range.lowerBound))
    guard Self.standsAlone(comment, source) else {
      lines = first...end
      return
    }
    var last = end + 1
    while others.contains(where: {
      source.lineNumber(at: $0.range.lowerBound) == last && Self.standsAlone($0, source)
    }) {
      last += 1
    }
    lines = first...(hooks.first { $0.lowerBound == last }?.upperBound ?? last)
  }

  private static func standsAlone(_ comment: AllowComment, _ source: SourceFile) -> Bool {
    let line = source.lineNumber(at: comment.range.lowerBound)
    guard let offsets = source.offsets(ofLine: line) else { return false }
    return source[offsets.lowerBound..<max(offsets.lowerBound, comment.range.lowerBound)]
      .allSatisfy { $0.isWhitespace || "-/*#{".contains($0) }
  }

  /// Whether it silences a rule on a line.
  func covers(_ rule: LintRule, _ line: Int) -> Bool {
    comment.mistake == nil && comment.rules.contains(rule) && lines.contains(line)
  }

  /// What is wrong with the comment, after what it silenced.
  func mistake(used: Set<LintRule>) -> Observation.Words? {
    if let mistake = comment.mistake { return mistake }
    let idle = comment.rules.filter { rule in
      !used.contains(rule) && !(isCompiled && rule.rawValue.hasPrefix("J"))
    }
    return idle.isEmpty ? nil : .idle(idle)
  }
}
