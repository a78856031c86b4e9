/// Finds places where a value can become a command of the database, in templates and in SQL.
///
/// All files are read together: macros of one are called in others, and views of one read tables that
/// another protects. Nothing is rendered and nothing is run.
package struct InjectionLint: Sendable {
  private let files: [LintFile]

  package init(files: [LintFile]) { self.files = files }

  /// Everything that was found, the same for the same files.
  package func findings() -> LintReport {
    let readings = files.map { Reading($0) }
    let summaries = Self.summaries(readings)
    var results = readings.map { FileLint($0, summaries) }
    let protected = results.reduce(into: Set<String>()) { $0.formUnion($1.views.protected) }
    for index in results.indices { results[index].finish(protected: protected) }
    return LintReport(
      findings: results.flatMap(\.findings), allowed: results.flatMap(\.allowed),
      informational: results.flatMap(\.informational), unreadable: results.flatMap(\.unreadable))
  }

  /// What each macro does with its parameters, by name.
  ///
  /// The first reading takes every call to write what it is given, the second knows better.
  private static func summaries(_ readings: [Reading]) -> [String: MacroSummary] {
    var summaries: [String: MacroSummary] = [:]
    for _ in 0..<2 {
      var found: [String: MacroSummary] = [:]
      for reading in readings {
        for (macro, changesPrivileges) in reading.macros {
          var lint = TemplateLint(
            code: reading.code, scripts: reading.scripts, summaries: summaries)
          lint.read(macro)
          lint.summary.changesPrivileges = changesPrivileges
          found[macro.name] = found[macro.name].map { $0.merged(lint.summary) } ?? lint.summary
        }
      }
      summaries = found
    }
    return summaries
  }
}

/// A file as words and trees.
struct Reading {
  let file: LintFile
  let code: Code
  let template: Template?
  /// The text as SQL, in stretches with quotes of their own.
  let scripts: [SQLScript]
  /// The macros, and whether their text changes privileges.
  private(set) var macros: [(JinjaMacro, changesPrivileges: Bool)] = []
  /// The hooks of a YAML file.
  let properties: PropertiesFile?
  /// The text as Python.
  let python: ScriptLint?

  init(_ file: LintFile) {
    var bytes = Array(file.text.utf8)
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
    self.init(file, Code(bytes))
  }

  /// Reads code that stands in a file, a hook for one.
  init(_ file: LintFile, _ code: Code) {
    self.file = file
    self.code = code
    if case .properties(let isProject) = file.kind {
      properties = PropertiesFile(file.text, code.bytes, isProject: isProject)
    } else {
      properties = nil
    }
    python = file.kind == .python ? ScriptLint(code, isPython: true) : nil
    switch file.kind {
    case .properties, .python:
      template = nil
      scripts = []
    case .dbt, .hook:
      let template = Template(code)
      self.template = template
      scripts = template.stretches.map {
        SQLScript(template.text, $0, dialect: file.dialect)
      }
      gather(template.nodes)
    case .sql, .compiled:
      template = nil
      scripts = [SQLScript(code, 0..<code.bytes.count, dialect: file.dialect)]
    }
  }

  private mutating func gather(_ nodes: [JinjaNode]) {
    for case .definition(let macro) in nodes {
      let script = scripts.first { $0.range.contains(macro.range.lowerBound) }
      macros.append((macro, script.map { HookRule.firstChange($0) != nil } ?? false))
    }
  }
}
