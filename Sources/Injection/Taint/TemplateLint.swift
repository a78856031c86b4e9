/// Walks through a template with what is known of its variables, and notes what reaches SQL.
struct TemplateLint {
  /// What the text that is being written becomes.
  enum Sink {
    /// A part of the model's SQL.
    case sql
    /// SQL that runs while the template is rendered.
    case statement
    /// SQL of a hook.
    case hook
    /// The value of a variable.
    case captured
  }

  let code: Code
  /// The template's text as SQL, by stretches; tells whether a place is between quotes.
  let scripts: [SQLScript]
  let summaries: [String: MacroSummary]
  var sink = Sink.sql
  var scope = TaintScope()
  /// What the macro that is being read does.
  var summary = MacroSummary()
  /// What the text of the innermost captured block may come from.
  var captured = Taint.none
  /// What was seen, each at one place once.
  private(set) var observations: [Observation] = []
  private var seen: Set<String> = []
  /// What stands in for variables that are named after secrets, which is never shown.
  private var secrets: [Range<Int>] = []
  /// Texts of hooks, which are templates that are rendered later.
  private(set) var hooks: [Code] = []
  /// Loops around this place, each of which reads its body twice.
  private var loopDepth = 0

  init(code: Code, scripts: [SQLScript], summaries: [String: MacroSummary], sink: Sink = .sql) {
    self.code = code
    self.scripts = scripts
    self.summaries = summaries
    self.sink = sink
  }

  /// Notes something at a place of the template, unless it is noted already.
  mutating func observe(
    _ rule: LintRule, _ range: Range<Int>, _ words: Observation.Words, isInformational: Bool = false
  ) {
    guard seen.insert("\(rule.rawValue) \(range.lowerBound)").inserted else { return }
    observations.append(
      Observation(
        rule: rule, range: code.origin(range), shown: shown(range), words: words,
        isInformational: isInformational))
  }

  /// Keeps the text of a range out of everything that is said.
  mutating func hide(_ range: Range<Int>) {
    if !secrets.contains(range) { secrets.append(range) }
  }

  /// The text of a range as it may be shown.
  func shown(_ range: Range<Int>) -> String {
    let hidden = secrets.filter { range.contains($0.lowerBound) }
      .sorted { $0.lowerBound < $1.lowerBound }
    guard !hidden.isEmpty else { return code.excerpt(range) }
    var text = ""
    var start = range.lowerBound
    for secret in hidden where secret.lowerBound >= start {
      text += code.text(start..<secret.lowerBound) + "…"
      start = secret.upperBound
    }
    return text + code.text(start..<max(start, range.upperBound))
  }

  /// Notes the text of a hook, once.
  mutating func observe(hook content: Range<Int>, quote: UInt8) {
    guard seen.insert("hook \(content.lowerBound)").inserted else { return }
    hooks.append(code.content(content, quote: quote, doubles: false, escapes: true))
  }

  /// Reads a template, or the body of a macro.
  mutating func walk(_ nodes: [JinjaNode]) {
    for node in nodes { walk(node) }
  }

  private mutating func walk(_ node: JinjaNode) {
    switch node {
    case .text: break
    case .output(let value): output(value)
    case .perform(let value): _ = taint(of: value)
    case .block(let nodes): walk(nodes)
    case .set(let targets, let value): assign(value, to: targets)
    case .capture(let target, let filters, let nodes): capture(nodes, filters, in: target)
    case .branch(let branches): branch(branches)
    case .loop(let names, let list, let condition, let nodes, let otherwise):
      loop(names, list, condition, nodes)
      walk(otherwise)
    case .definition(let macro): define(macro)
    case .call(let target, let nodes): call(target, nodes)
    }
  }

  // MARK: - What is written

  private mutating func output(_ value: JinjaExpression) {
    paste(taint(of: value), value.range)
  }

  /// Notes that a value becomes a part of the text at a place.
  mutating func paste(_ taint: Taint, _ range: Range<Int>) {
    guard !taint.isClean else { return }
    let surroundings = surroundings(range.lowerBound)
    if taint.isEscaped, surroundings == .quotes { return }
    switch sink {
    case .captured: captured = captured.union(taint)
    case .sql, .hook: summary.pasted |= taint.parameters
    case .statement: summary.executed |= taint.parameters
    }
    guard !taint.origins.isEmpty, sink != .captured else { return }
    let source = shown(taint.source ?? range)
    switch sink {
    case .statement: observeQuery(taint, range)
    case .hook: observe(.hook, range, .variableInHook(source))
    default:
      if taint.origins.contains(.variable) {
        observe(.variableInSQL, range, .variable(source, in: surroundings))
      } else if taint.origins.contains(.query) {
        observe(.dataInSQL, range, .data(source, in: surroundings))
      } else {
        observe(.dataInSQL, range, .listed(source), isInformational: true)
      }
    }
  }

  /// Notes SQL that is run while the template is rendered and is not constant.
  mutating func observeQuery(_ taint: Taint, _ range: Range<Int>) {
    summary.executed |= taint.parameters
    guard !taint.origins.isEmpty else { return }
    let isListed = taint.origins == .listed
    observe(
      .builtQuery, range, .built(shown(taint.source ?? range)), isInformational: isListed)
  }

  /// What stands around a place of the SQL.
  private func surroundings(_ offset: Int) -> SQLScript.Surroundings {
    scripts.first { $0.range.contains(offset) }?.surroundings(offset) ?? .code
  }

  // MARK: - Statements

  private mutating func assign(_ value: JinjaExpression, to targets: [JinjaExpression]) {
    if case .list(let values) = value.kind, values.count == targets.count, targets.count > 1 {
      let taints = values.map { self.taint(of: $0) }
      for (target, taint) in zip(targets, taints) { assign(taint, to: target) }
      return
    }
    let taint = taint(of: value)
    for target in targets { assign(taint, to: target) }
  }

  private mutating func assign(_ taint: Taint, to target: JinjaExpression) {
    guard case .name(let name) = target.kind else {
      // An attribute of a namespace: all of them are kept as one, and never forgotten.
      if case .attribute(let base, _) = target.kind { spread(taint, to: base) }
      return
    }
    scope.values[name] = taint.isClean ? nil : taint
    if scope.trusted.isEmpty { return }
    scope.trusted = scope.trusted.filter { $0 != name && !$0.hasPrefix("\(name).") }
  }

  /// Adds what a variable, or the one it is a part of, may come from.
  mutating func spread(_ taint: Taint, to target: JinjaExpression) {
    guard !taint.isClean else { return }
    switch target.kind {
    case .name(let name):
      scope.values[name] = (scope.values[name] ?? .none).union(taint)
      scope.trusted.remove(name)
    case .attribute(let base, _), .element(let base, _): spread(taint, to: base)
    default: break
    }
  }

  private mutating func capture(
    _ nodes: [JinjaNode], _ filters: JinjaExpression?, in target: JinjaExpression
  ) {
    let outer = (sink, captured)
    (sink, captured) = (.captured, .none)
    walk(nodes)
    var taint = captured
    (sink, captured) = outer
    if let filters, case .filter(_, let name, _) = filters.kind,
      KnownCall.cleaningFilters.contains(name)
    {
      taint = .none
    }
    assign(taint, to: target)
  }

  private mutating func branch(_ branches: [(condition: JinjaExpression?, body: [JinjaNode])]) {
    var before = scope
    var after: TaintScope?
    var isComplete = false
    for branch in branches {
      scope = before
      if let condition = branch.condition {
        _ = taint(of: condition)
        // A condition may change what is known, by `append` for one.
        before = scope
        scope.trusted.formUnion(facts(condition, isTrue: true))
        before.trusted.formUnion(facts(condition, isTrue: false))
      } else {
        isComplete = true
      }
      walk(branch.body)
      if !stops(branch.body) { after = after?.merged(scope) ?? scope }
    }
    if !isComplete { after = after?.merged(before) ?? before }
    scope = after ?? before
  }

  func facts(_ condition: JinjaExpression, isTrue: Bool) -> Set<String> {
    AllowList.facts(condition, isTrue: isTrue) { list in
      var probe = self
      return probe.taint(of: list).origins.isEmpty
    }
  }

  /// Whether the run ends in these nodes.
  private func stops(_ nodes: [JinjaNode]) -> Bool {
    nodes.contains { node in
      switch node {
      case .output(let value), .perform(let value):
        guard case .call(let target, _) = value.kind, let path = target.path else { return false }
        if case .stop = KnownCall(path) { return true }
        return false
      default: return false
      }
    }
  }

  private mutating func loop(
    _ names: [String], _ list: JinjaExpression, _ condition: JinjaExpression?, _ nodes: [JinjaNode]
  ) {
    let taint = taint(of: list)
    let before = scope
    // What the first round leaves behind meets the second; loops in loops are read once, lest the
    // rounds multiply.
    loopDepth += 1
    for _ in 0..<(loopDepth <= 3 ? 2 : 1) {
      for name in names {
        scope.values[name] = taint.isClean ? nil : taint
        scope.trusted.remove(name)
      }
      if let condition {
        _ = self.taint(of: condition)
        scope.trusted.formUnion(facts(condition, isTrue: true))
      }
      walk(nodes)
      scope = scope.merged(before)
    }
    loopDepth -= 1
    for name in names { scope.values[name] = before.values[name] }
  }

  private mutating func define(_ macro: JinjaMacro) {
    let outer = (scope, summary, sink)
    (scope, summary, sink) = (TaintScope(), MacroSummary(), .sql)
    read(macro)
    (scope, summary, sink) = outer
  }

  /// Reads the body of a macro and fills `summary`.
  mutating func read(_ macro: JinjaMacro) {
    summary.parameters = macro.parameters.map(\.name)
    for (number, parameter) in macro.parameters.enumerated() {
      var taint = parameter.standard.map { self.taint(of: $0) } ?? .none
      // Beyond the sixty-fourth, which nobody has seen, parameters share a bit.
      taint.parameters |= 1 << UInt64(min(number, 63))
      scope.values[parameter.name] = taint
    }
    walk(macro.body)
  }

  private mutating func call(_ target: JinjaExpression, _ nodes: [JinjaNode]) {
    let outer = sink
    if case .call(let callee, let arguments) = target.kind, let path = callee.path,
      path == "statement" || path.hasSuffix(".statement")
    {
      for argument in arguments { _ = taint(of: argument.value) }
      sink = .statement
    } else {
      output(target)
    }
    walk(nodes)
    sink = outer
  }
}

extension Observation.Words {
  fileprivate static func variable(_ source: String, in place: SQLScript.Surroundings) -> Self {
    let way =
      switch place {
      case .quotes: "a quote in the value ends the text, and what follows it runs as a command"
      case .comment: "a line break in the value ends the comment, and what follows it runs"
      case .code: "the value is not held between quotes, so all of it runs as a part of the command"
      }
    return Self(
      sentence: "whoever starts the run chooses the value of `\(short(source))`, which becomes a "
        + "part of a database command: \(way)",
      remedy: "hold the value against a list of permitted values first "
        + "(`{% if x in ['a', 'b'] %}`), or make it a number (`| int`)")
  }

  fileprivate static func data(_ source: String, in place: SQLScript.Surroundings) -> Self {
    let way =
      place == .quotes
      ? "a quote in the data ends the text, and what follows it runs as a command"
      : "the data runs as a part of the command"
    return Self(
      sentence: "data that `\(short(source))` read from the database becomes a part of the next "
        + "database command: \(way)",
      remedy:
        "double the quotes (`| replace(\"'\", \"''\")`) between quotes, use `adapter.quote` for "
        + "names, or join the tables instead")
  }

  fileprivate static func listed(_ source: String) -> Self {
    Self(
      sentence: "the distinct values of a column become a part of a database command, "
        + "by `\(short(source))`: that is safe while nobody can add a value of their own",
      remedy: "see that the column takes its values from a fixed list")
  }

  fileprivate static func built(_ source: String) -> Self {
    Self(
      sentence: "a database command that runs while the project is built is put together from "
        + "`\(short(source))`, with the rights of dbt: its value can change what the command does",
      remedy: "write the command out; take names from `ref`, `source` or `adapter.quote`, numbers "
        + "from `| int`, and other values from a list of permitted ones")
  }

  fileprivate static func variableInHook(_ source: String) -> Self {
    Self(
      sentence:
        "a hook, which runs beside the model with the rights of dbt, holds `\(short(source))`: "
        + "its value can change what the hook does",
      remedy: "write the hook out, or hold the value against a list of permitted values first")
  }
}

/// The first line of an expression, shortened to what fits into a sentence.
func short(_ text: String) -> String {
  let line = text.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false).first ?? ""
  let isWhole = line.utf8.count == text.utf8.count && line.count <= 60
  return isWhole ? text : "\(line.prefix(57))..."
}
