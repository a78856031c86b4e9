/// Hooks that change privileges or objects, which no review of models sees.
enum HookRule {
  /// The index of the first word of a script that changes privileges or objects.
  static func firstChange(_ script: SQLScript) -> Int? {
    script.tokens.indices.first { index in
      switch script.keyword(index) {
      case .grant, .alter, .execute, .revoke: script.beginsStatement(index)
      default: false
      }
    }
  }

  /// What is to be said of the scripts of a hook.
  static func observations(_ scripts: [SQLScript]) -> [Observation] {
    scripts.compactMap { script in
      guard let index = firstChange(script) else { return nil }
      let word = script.text(index).uppercased()
      let bytes = script.bytes(index..<index + 1)
      return Observation(
        rule: .hook, range: script.code.origin(bytes), shown: script.code.text(bytes),
        words: .change(word))
    }
  }

  /// What is to be said of macros that a hook calls: the code and the macros it may call.
  static func observations(
    _ nodes: [JinjaNode], _ code: Code, _ summaries: [String: MacroSummary]
  ) -> [Observation] {
    nodes.compactMap { node in
      guard case .output(let value) = node, case .call(let target, _) = value.kind,
        let name = target.path?.split(separator: ".").last.map(String.init),
        summaries[name]?.changesPrivileges == true
      else { return nil }
      return Observation(
        rule: .hook, range: code.origin(value.range), shown: code.excerpt(value.range),
        words: .call(name))
    }
  }
}

extension Observation.Words {
  fileprivate static func change(_ word: String) -> Self {
    Self(
      sentence:
        "a hook, which runs beside the model with the rights of dbt, holds \(word): rights or "
        + "objects change where no review of privileges looks",
      remedy: "use the `grants:` configuration, or move the statement to a reviewed script")
  }

  fileprivate static func call(_ name: String) -> Self {
    Self(
      sentence:
        "a hook, which runs beside the model with the rights of dbt, calls `\(short(name))`, "
        + "which changes rights or objects where no review of privileges looks",
      remedy: "use the `grants:` configuration, or move the statement to a reviewed script")
  }
}
