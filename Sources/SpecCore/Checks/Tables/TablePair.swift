/// A table as both catalogs describe it, with its columns paired.
package struct TablePair: Sendable {
  package let source: TableCatalog
  package let target: TableCatalog
  /// In the source's order.
  package let columns: [ColumnPair]
  /// Columns with no counterpart that the spec does not excuse.
  package let missing: [ColumnCatalog]
  package let extra: [ColumnCatalog]
  /// Columns the spec names that neither catalog, or the wrong one, has; in sentences.
  package let unknown: [String]
  /// Names the spec calls sensitive that no column has.
  let unknownSensitive: [String]
  private let sensitive: Set<Identifier>
  let sourceGaps: [SchemaCatalog.CatalogGap]
  let targetGaps: [SchemaCatalog.CatalogGap]

  /// A column of the source and its counterpart.
  package struct ColumnPair: Hashable, Sendable {
    package let source: ColumnCatalog
    package let target: ColumnCatalog
    package let pairing: TypePairing
    /// How the spec wants the values compared.
    var options = ColumnOptions()
    /// Why they cannot be compared so.
    var problem: String?

    /// The name a reader knows it by: the source's.
    package var title: String { source.name.name }
  }

  /// What the databases call both, with their schemas.
  var names: [Side: String] {
    [.source: source.relation.description, .target: target.relation.description]
  }

  subscript(_ side: Side) -> TableCatalog { side == .source ? source : target }

  init(
    _ subject: TableSubject, source: TableCatalog, target: TableCatalog,
    sourceGaps: [SchemaCatalog.CatalogGap], targetGaps: [SchemaCatalog.CatalogGap]
  ) {
    self.source = source
    self.target = target
    self.sourceGaps = sourceGaps
    self.targetGaps = targetGaps
    var pairs: [ColumnPair] = []
    var missing: [ColumnCatalog] = []
    var unknown: [String] = []
    var free = target.columns
    for column in source.columns {
      let spec = subject.column(column.name, on: .source)
      if spec?.onlyIn?.value == .source { continue }
      let wanted = spec?.renamedFrom == nil ? column.name.name : spec?.name.value ?? ""
      guard
        let index = Self.counterpart(
          of: wanted, among: free, in: subject.target.engine)
      else {
        missing.append(column)
        continue
      }
      let counterpart = free.remove(at: index)
      let options =
        (spec ?? subject.column(counterpart.name, on: .target))?.options ?? ColumnOptions()
      let (pairing, problem) = TypePairing(source: column.type, target: counterpart.type)
        .adapted(to: options, column.type, counterpart.type)
      pairs.append(
        ColumnPair(
          source: column, target: counterpart, pairing: pairing, options: options,
          problem: problem))
    }
    for spec in subject.expectations.columns.value.named {
      if let sentence = Self.unknown(spec, source: source, target: target) {
        unknown.append(sentence)
      }
    }
    let names = (subject.spec.sensitive ?? []).map(\.value)
    let all = source.columns.map(\.name) + target.columns.map(\.name)
    unknownSensitive = names.filter { name in !all.contains { sameName(name, $0) } }
    if !unknownSensitive.isEmpty {
      unknown.append(
        "sensitive names \(unknownSensitive.joined(separator: ", ")), which no column has")
    }
    // Either name of a renamed column makes both sensitive; a misspelt one all of them.
    var sensitive: Set<Identifier> = unknownSensitive.isEmpty ? [] : Set(all)
    for name in all where names.contains(where: { sameName($0, name) }) { sensitive.insert(name) }
    for pair in pairs
    where sensitive.contains(pair.source.name) || sensitive.contains(pair.target.name) {
      sensitive.formUnion([pair.source.name, pair.target.name])
    }
    self.sensitive = sensitive
    columns = pairs
    self.missing = missing
    extra = free.filter { column in
      !(subject.column(column.name, on: .target).map { $0.onlyIn?.value == .target } ?? false)
    }
    self.unknown = unknown
  }

  /// The column that bears the name: exactly, else as the engine folds it, else in any case.
  private static func counterpart(
    of name: String, among columns: [ColumnCatalog], in engine: Engine
  ) -> Int? {
    columns.firstIndex { $0.name == Identifier(name) }
      ?? columns.firstIndex { $0.name == Identifier(engine.folded(name)) }
      ?? columns.firstIndex { sameName(name, $0.name) }
  }

  private static func unknown(
    _ spec: ColumnSpec, source: TableCatalog, target: TableCatalog
  ) -> String? {
    func has(_ name: String, _ table: TableCatalog) -> Bool {
      table.columns.contains { sameName(name, $0.name) }
    }
    let name = spec.name.value
    switch spec.onlyIn?.value {
    case .source where has(name, target):
      return "\(name) is said to be in the source only, but the target has it"
    case .target where has(name, source):
      return "\(name) is said to be in the target only, but the source has it"
    case .source where !has(name, source): return "\(name) is not in the source"
    case .target where !has(name, target): return "\(name) is not in the target"
    case .some: return nil
    case nil:
      if let old = spec.renamedFrom, !has(old.value, source) {
        return "\(old.value), the old name of \(name), is not in the source"
      }
      return has(name, target) || has(name, source) ? nil : "\(name) is on neither side"
    }
  }

  /// The pair that an author names, by either side's name.
  func column(named name: String) -> ColumnPair? {
    columns.first { sameName(name, $0.source.name) || sameName(name, $0.target.name) }
  }

  /// The target's column for one of the source.
  func counterpart(of name: Identifier) -> ColumnPair? { columns.first { $0.source.name == name } }

  /// Whether values of the column, by either side's name, may not be shown.
  func isSensitive(_ name: Identifier) -> Bool { sensitive.contains(name) }

  /// Remarks on how the table was read.
  var notes: [String] { [source.readPointNote, target.readPointNote].compactMap(\.self) }
}

extension TablePair.ColumnPair {
  subscript(_ side: Side) -> ColumnCatalog { side == .source ? source : target }

  /// The form in which a side says the values; `nil` where they cannot be compared.
  func form(_ side: Side) -> CanonicalForm? {
    side == .source ? pairing.form : pairing.targetForm
  }

  /// The column on a side in a form, where both sides can say theirs.
  func canonical(_ side: Side, _ dialects: Dialects) -> CanonicalColumn? {
    guard problem == nil, let form = form(side),
      Side.allCases.allSatisfy({ each in
        self.form(each).map { dialects[each].canExpress(self[each].type.logical, as: $0) } ?? false
      })
    else { return nil }
    let column = self[side]
    var zone: String?
    if case .instant = column.type.logical { zone = options.timezone?.value }
    // Only what reports show as it is can be written down by an author in the form's own text.
    let isPlain = Side.allCases.allSatisfy { self.form($0)?.isShownPlainly == true }
    return CanonicalColumn(
      name: column.name, type: column.type.logical, form: form, zone: zone,
      changes: side == .source && isPlain ? options.accept?.value ?? [] : [])
  }

  /// When values that differ count as the same.
  var rules: [ValueRule] {
    guard let form = pairing.form, let targetForm = pairing.targetForm else { return [] }
    var rules: [ValueRule] = form == .json && targetForm == .json ? [.json] : []
    if let loose = pairing.loose { rules = [.read(loose)] }
    switch options.comparison?.value {
    case .caseInsensitive: rules.append(.ignoringCase)
    case .normalized: rules.append(.normalized)
    case .json, .text, nil: break
    }
    if let tolerance = options.tolerance?.value { rules.append(.within(tolerance, form)) }
    if let changes = options.accept?.value {
      rules.append(.changed(changes, source: form, target: targetForm))
    }
    return rules
  }
}
