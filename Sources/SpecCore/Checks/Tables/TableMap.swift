/// Where the tables of the source are found in the target, as the spec says.
package struct TableMap: Sendable {
  private let subjects: [TableSubject]
  private let defaultTarget: SchemaName
  private let engine: Engine

  package init(subjects: [TableSubject], defaultTarget: SchemaName, engine: Engine) {
    self.subjects = subjects
    self.defaultTarget = defaultTarget
    self.engine = engine
  }

  /// The target's name for a table of the source; of the same name in the target's schema where
  /// the spec does not mention it.
  func target(of source: Relation) -> TableSubject.SideName {
    let inSchema = subjects.filter {
      sameName($0.source.schema.schema.name, source.schema.schema)
    }
    // Names that differ in case only may both be listed: the exact one is meant.
    let subject =
      inSchema.first { Identifier($0.source.name.text) == source.name }
      ?? inSchema.first {
        !$0.source.name.isQuoted && sameName($0.source.name.text, source.name)
      }
    return subject?.target
      ?? TableSubject.SideName(likeSource: source.name.name, in: defaultTarget, of: engine)
  }

  /// The target's name for a table as an author writes it.
  func target(named name: QualifiedName) -> TableSubject.SideName {
    let written = name.table.text
    if name.parts.count == 1,
      let subject = subjects.first(where: { $0.title == name.description })
        ?? subjects.first(where: { sameName(written, Identifier($0.source.name.text)) })
    {
      return subject.target
    }
    return TableSubject.SideName(name, in: defaultTarget, of: engine)
  }
}
