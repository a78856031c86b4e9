/// Where the tables of the source are found in the target, as the spec says.
package struct TableMap: Sendable {
  private let subjects: [TableSubject]
  private let defaultTarget: SchemaName

  package init(subjects: [TableSubject], defaultTarget: SchemaName) {
    self.subjects = subjects
    self.defaultTarget = defaultTarget
  }

  /// The target's name for a table of the source; of the same name in the target's schema where
  /// the spec does not mention it.
  func target(of source: Relation) -> TableSubject.SideName {
    let subject = subjects.first { subject in
      sameName(subject.source.schema.schema.name, source.schema.schema)
        && (subject.source.name.isQuoted
          ? Identifier(subject.source.name.text) == source.name
          : sameName(subject.source.name.text, source.name))
    }
    return subject?.target
      ?? TableSubject.SideName(
        schema: defaultTarget, name: QualifiedName.Part(text: source.name.name, isQuoted: false))
  }

  /// The target's name for a table as an author writes it.
  func target(named name: QualifiedName) -> TableSubject.SideName {
    let written = name.table.text
    if name.parts.count == 1,
      let subject = subjects.first(where: {
        $0.title == name.description || sameName(written, Identifier($0.source.name.text))
      })
    {
      return subject.target
    }
    let outer = name.parts.dropLast().map { Identifier($0.text) }
    let schema = outer.last.map {
      SchemaName(database: outer.count > 1 ? outer[0] : defaultTarget.database, schema: $0)
    }
    return TableSubject.SideName(schema: schema ?? defaultTarget, name: name.table)
  }
}
