/// What values may come from.
extension TemplateLint {
  /// What an expression's value may come from; notes what happens on the way.
  mutating func taint(of value: JinjaExpression) -> Taint {
    if !scope.trusted.isEmpty, let key = AllowList.key(value), scope.trusted.contains(key) {
      return .none
    }
    switch value.kind {
    case .string, .constant: return .none
    case .name(let name):
      // The functions themselves may get another name: `{% set v = var %}`.
      let isSource = name == "var" || name == "env_var"
      return scope.values[name]
        ?? (isSource ? Taint(origins: .variable, source: value.range) : .none)
    case .attribute(let base, _): return taint(of: base)
    case .element(let base, let items):
      // What is looked up in a constant is constant, whatever is looked for.
      for item in items { _ = taint(of: item) }
      return taint(of: base)
    case .call(let target, let arguments): return taint(ofCall: target, arguments, value.range)
    case .filter(let base, let name, let arguments):
      return taint(ofFilter: name, base, arguments)
    case .test(let base, _, let arguments):
      _ = taint(of: base)
      for argument in arguments { _ = taint(of: argument.value) }
      return .none
    case .not(let inner):
      _ = taint(of: inner)
      return .none
    case .compare(let left, _, let right):
      _ = taint(of: left)
      _ = taint(of: right)
      return .none
    case .any(let items), .all(let items), .joined(let items), .list(let items):
      return union(items)
    case .arithmetic(let items):
      for item in items { _ = taint(of: item) }
      return .none
    case .choice(let condition, let then, let otherwise):
      return taint(ofChoice: condition, then, otherwise)
    case .dictionary(let entries):
      return union(entries.flatMap { [$0.key, $0.value] })
    }
  }

  private mutating func union(_ items: [JinjaExpression]) -> Taint {
    var taint = Taint.none
    for item in items { taint = taint.union(self.taint(of: item)) }
    return taint
  }

  private mutating func taint(
    ofChoice condition: JinjaExpression, _ then: JinjaExpression, _ otherwise: JinjaExpression?
  ) -> Taint {
    _ = taint(of: condition)
    let trusted = scope.trusted
    scope.trusted.formUnion(facts(condition, isTrue: true))
    var result = taint(of: then)
    scope.trusted = trusted.union(facts(condition, isTrue: false))
    if let otherwise { result = result.union(taint(of: otherwise)) }
    scope.trusted = trusted
    return result
  }

  private mutating func taint(
    ofFilter name: String, _ base: JinjaExpression, _ arguments: [JinjaExpression.Argument]
  ) -> Taint {
    var result = taint(of: base)
    let values = arguments.map { taint(of: $0.value) }
    if KnownCall.cleaningFilters.contains(name) { return .none }
    switch name {
    case "map":
      if let inner = arguments.first?.value.literal, KnownCall.cleaningFilters.contains(inner) {
        return .none
      }
    case "select":
      let isMember = arguments.first?.value.literal == "in"
      if isMember, values.count > 1, values[1].isClean { return .none }
    case "replace" where doublesQuotes(arguments):
      result.isEscaped = true
      return result
    default: break
    }
    for value in values { result = result.union(value) }
    return result
  }

  private func doublesQuotes(_ arguments: [JinjaExpression.Argument]) -> Bool {
    guard arguments.count >= 2, arguments[0].value.literal == "'" else { return false }
    return ["''", "\\'", ""].contains(arguments[1].value.literal)
  }

  // MARK: - Calls

  private mutating func taint(
    ofCall target: JinjaExpression, _ arguments: [JinjaExpression.Argument], _ range: Range<Int>
  ) -> Taint {
    guard let path = target.path else {
      return taint(ofMethod: target, arguments, range)
    }
    if let known = KnownCall(path) { return taint(ofKnown: known, path, arguments, range) }
    let isOnVariable = path.contains(".") && scope.values[firstName(path)] != nil
    let name = path.split(separator: ".").last.map(String.init) ?? path
    if !isOnVariable, let summary = summaries[name] {
      return taint(ofMacro: summary, arguments, source: range)
    }
    return taint(ofMethod: target, arguments, range)
  }

  private func firstName(_ path: String) -> String {
    String(path.prefix { $0 != "." })
  }

  private mutating func taint(
    ofKnown call: KnownCall, _ path: String, _ arguments: [JinjaExpression.Argument],
    _ range: Range<Int>
  ) -> Taint {
    if case .config = call { noteHooks(arguments) }
    var given = Taint.none
    for argument in arguments { given = given.union(taint(of: argument.value)) }
    switch call {
    case .variable:
      noteSecret(path, arguments, range)
      return Taint(origins: .variable, source: range)
    case .clean, .config, .stop: return .none
    case .query:
      for argument in arguments {
        let taint = taint(of: argument.value)
        if !taint.isClean { observeQuery(taint, argument.value.range) }
      }
      return Taint(origins: .query, source: range)
    case .result: return Taint(origins: .query, source: range)
    case .listed: return given.union(Taint(origins: .listed, source: range))
    case .escape:
      given.isEscaped = true
      return given
    case .giveBack:
      summary.returned = summary.returned.union(given)
      return .none
    }
  }

  /// A macro of these files: only what it writes or runs of its arguments counts.
  ///
  /// What a macro does with its parameters is known through one more macro that it calls itself;
  /// a macro further in is taken to write whatever it is given.
  private mutating func taint(
    ofMacro macro: MacroSummary, _ arguments: [JinjaExpression.Argument], source: Range<Int>
  ) -> Taint {
    var result = Taint(origins: macro.returned.origins)
    if !result.isClean { result.source = source }
    for (place, argument) in arguments.enumerated() {
      let taint = taint(of: argument.value)
      let number =
        argument.name.map { name in macro.parameters.firstIndex(of: name) ?? 64 } ?? place
      // What no parameter takes, `varargs` and `kwargs` hand on.
      let isTaken = number < macro.parameters.count
      let bit: UInt64 = isTaken ? 1 << UInt64(min(number, 63)) : 0
      if !isTaken || (macro.pasted | macro.returned.parameters) & bit != 0 {
        result = result.union(taint)
      }
      if macro.executed & bit != 0, !taint.isClean { observeQuery(taint, argument.value.range) }
    }
    return result
  }

  private mutating func taint(
    ofMethod target: JinjaExpression, _ arguments: [JinjaExpression.Argument], _ range: Range<Int>
  ) -> Taint {
    // `adapter.dispatch('name')(…)` calls one of the macros named after the database.
    if case .call(let dispatch, let names) = target.kind, dispatch.path == "adapter.dispatch",
      let name = names.first?.value.literal
    {
      let versions = ["default", "snowflake", "postgres"].compactMap {
        summaries["\($0)__\(name)"]
      }
      if let first = versions.first {
        let merged = versions.dropFirst().reduce(first) { $0.merged($1) }
        return taint(ofMacro: merged, arguments, source: range)
      }
    }
    var given: [Taint] = []
    for argument in arguments { given.append(taint(of: argument.value)) }
    var all = Taint.none
    for taint in given { all = all.union(taint) }
    guard case .attribute(let base, let method) = target.kind else {
      return taint(of: target).union(all)
    }
    let receiver = taint(of: base)
    if KnownCall.cleaningMethods.contains(method) { return .none }
    switch method {
    case _ where KnownCall.changingMethods.contains(method):
      spread(all, to: base)
      return method == "setdefault" ? receiver.union(all) : .none
    case "get", "pop":
      for taint in given.dropFirst() { _ = taint }
      return given.dropFirst().reduce(receiver) { $0.union($1) }
    case "replace" where doublesQuotes(arguments):
      var result = receiver
      result.isEscaped = true
      return result
    default: return receiver.union(all)
    }
  }

  private mutating func noteSecret(
    _ path: String, _ arguments: [JinjaExpression.Argument], _ range: Range<Int>
  ) {
    guard let name = arguments.first?.value.literal, namesSecret(name),
      !name.hasPrefix("DBT_ENV_SECRET_")
    else { return }
    for argument in arguments.dropFirst() { hide(argument.value.range) }
    observe(.secret, range, .secret(name, isEnvironment: path.hasSuffix("env_var")))
  }

  // MARK: - Hooks

  private mutating func noteHooks(_ arguments: [JinjaExpression.Argument]) {
    for argument in arguments {
      if let name = argument.name {
        if Self.isHook(name) { noteHook(argument.value) }
        // The header is SQL, unlike everything else that is configured.
        if name == "sql_header" { paste(taint(of: argument.value), argument.value.range) }
      } else if case .dictionary(let entries) = argument.value.kind {
        for entry in entries where entry.key.literal.map(Self.isHook) == true {
          noteHook(entry.value)
        }
      }
    }
  }

  private static func isHook(_ name: String) -> Bool {
    ["pre_hook", "post_hook", "pre-hook", "post-hook"].contains(name)
  }

  /// Takes the texts of a hook out of lists, of dictionaries and of calls such as `after_commit`.
  private mutating func noteHook(_ value: JinjaExpression) {
    switch value.kind {
    case .string(_, let content):
      observe(hook: content, quote: code.bytes[content.lowerBound - 1])
    case .list(let items): for item in items { noteHook(item) }
    case .dictionary(let entries):
      for entry in entries where entry.key.literal == "sql" { noteHook(entry.value) }
    case .call(let target, let arguments):
      if let path = target.path, ["before_begin", "in_transaction", "after_commit"].contains(path) {
        for argument in arguments { noteHook(argument.value) }
      } else {
        noteBuiltHook(value)
      }
    default: noteBuiltHook(value)
    }
  }

  private mutating func noteBuiltHook(_ value: JinjaExpression) {
    let outer = sink
    sink = .hook
    let taint = taint(of: value)
    if !taint.origins.isEmpty {
      observe(.hook, value.range, .builtHook(shown(taint.source ?? value.range)))
    }
    sink = outer
    if case .joined(let items) = value.kind {
      for case .string(_, let content) in items.map(\.kind) {
        observe(hook: content, quote: code.bytes[content.lowerBound - 1])
      }
    }
  }
}

extension Observation.Words {
  fileprivate static func secret(_ name: String, isEnvironment: Bool) -> Self {
    Self(
      sentence: "`\(name)` sounds like a secret: read this way it ends up in compiled SQL, in logs "
        + "and in the database's history of commands",
      remedy: isEnvironment
        ? "name it DBT_ENV_SECRET_… and read it in profiles.yml only"
        : "keep it out of the project's variables: use an environment variable named "
          + "DBT_ENV_SECRET_… in profiles.yml")
  }

  fileprivate static func builtHook(_ source: String) -> Self {
    Self(
      sentence: "a hook, which runs beside the model with the rights of dbt, is put together from "
        + "`\(short(source))`: its value can change what the hook does",
      remedy: "write the hook out, or hold the value against a list of permitted values first")
  }
}
