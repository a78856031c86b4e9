/// Expects the true values of a column to be seen by some roles, and by no other.
///
/// The truth is what the source holds, not what somebody sees in the target, where also the run may be
/// masked. Rows are compared by digests of key and value, under a salt of the run; no value leaves
/// either database.
struct MaskingCheck: Check {
  /// Whom the spec speaks about.
  struct Roles: Sendable {
    /// See the true values.
    let clear: [RoleName]
    /// Must not.
    let masked: [RoleName]
    /// Named elsewhere in the spec, and must not see them either if they may read at all.
    let others: [RoleName]

    var all: [RoleName] { clear + masked + others }
  }

  /// At most so many rows are read for each role; of larger tables a part that keys choose.
  static let most = 20_000
  private static let part = 15_000

  /// What is asked of one relation.
  struct Target: Sendable {
    let catalog: TableCatalog
    let key: [CanonicalColumn]
    let value: CanonicalColumn
  }

  private enum State: Sendable {
    case lookup
    case looking(TablePair, [Ask])
    case values([Ask])
    case roles
  }

  /// The table of the spec whose source holds the truth.
  let subject: TableSubject?
  /// The masked column.
  let place: PolicyPlace
  /// Another column that shows the same values, where the check is about that one.
  let also: PolicyPlace?
  let policy: QualifiedName
  let roles: Roles
  /// Every column that the spec's masking speaks about.
  let covered: [PolicyPlace]
  private var lookup: TableLookup?
  private var state = State.lookup
  private var target: Target?
  private var isSampled = false
  private var views: RoleViews?
  var truth: TrueValues?
  /// What the run itself sees.
  var own: TrueValues.Sighting?
  private(set) var notes: [String] = []

  init(
    _ subject: TableSubject?, _ place: PolicyPlace, also: PolicyPlace?, policy: QualifiedName,
    roles: Roles, covered: [PolicyPlace]
  ) {
    self.subject = subject
    self.place = place
    self.also = also
    self.policy = policy
    self.roles = roles
    self.covered = covered
    lookup = subject.map { TableLookup($0) }
  }

  /// What the check is about, as the spec writes it.
  var title: String { (also ?? place).title }

  mutating func next(given answers: [Answer], dialects: Dialects) -> Move {
    switch state {
    case .lookup:
      guard var lookup else { return .decide(unlisted) }
      defer { self.lookup = lookup }
      switch lookup.next(given: answers) {
      case .ask(let asks): return .ask(asks)
      case .stop(let verdict): return .decide(verdict)
      case .found(let pair): return look(pair)
      }
    case .looking(let pair, let asks):
      if let verdict = Verdict.unanswered(answers, asks: asks) { return .decide(verdict) }
      return askValues(pair, answers, dialects)
    case .values(let asks):
      // What the run sees and who else may read are remarks only.
      if let verdict = Verdict.unanswered(Array(answers.prefix(1)), asks: Array(asks.prefix(1))) {
        return .decide(verdict)
      }
      if let verdict = read(answers) { return .decide(verdict) }
      state = .roles
      return askRoles([], dialects)
    case .roles: return askRoles(answers, dialects)
    }
  }

  private var unlisted: Verdict {
    Self.unknown(
      "\(place.table.description) is not among the tables that are compared, so that nothing tells the "
        + "true values",
      remedy: "list the table under `tables:`")
  }

  static func unknown(_ reason: String, remedy: String? = nil) -> Verdict {
    Verdict(
      summary: reason.firstLine,
      unchecked: [Verdict.Unchecked(type: "no_control", reason: reason, remedy: remedy)])
  }

  private mutating func look(_ pair: TablePair) -> Move {
    notes = pair.notes
    let schema = also?.table.schema ?? pair.target.relation.schema
    let asks = [
      Ask(
        .source,
        .aggregate(
          Scan(relation: pair.source.relation, filter: subject?.spec.filter?.value.source),
          [.rowCount])),
      Ask(.target, .schema(schema)),
    ]
    state = .looking(pair, asks)
    return .ask(asks)
  }

  // MARK: Values

  private mutating func askValues(
    _ pair: TablePair, _ answers: [Answer], _ dialects: Dialects
  ) -> Move {
    guard case .measures(let measures) = answers[0], case .schema(let catalog) = answers[1],
      let count = measures.first?.first?.flatMap({ Int($0) }), let subject
    else { preconditionFailure("a count and a schema were asked for") }
    guard let own = place.column(of: pair.target),
      let column = pair.columns.first(where: { $0.target.name == own.name })
    else {
      return .decide(
        Self.unknown(
          "\(place.title) has no counterpart in the source, so that nothing tells the "
            + "true values"))
    }
    guard let sourceValue = column.canonical(.source, dialects),
      let targetValue = column.canonical(.target, dialects), column.rules.isEmpty
    else {
      return .decide(
        Self.unknown(
          "values of \(place.title) are not the same text on both sides, so that their "
            + "digests cannot be compared"))
    }
    var key = ChecksumPlan(subject, pair, dialects).key
    if key.contains(column) { key = [] }
    let found: Target
    switch target(pair, catalog, key, targetValue, dialects) {
    case .success(let target): found = target
    case .failure(let missing): return .decide(missing.verdict)
    }
    if found.key.isEmpty { key = [] }
    target = found
    let sourceKey = key.compactMap { $0.canonical(.source, dialects) }
    let sourceSample = sample(sourceKey, of: count)
    isSampled = sourceSample != nil
    let filter = also == nil ? subject.spec.filter?.value : nil
    let scan = Scan(
      relation: pair.source.relation, filter: subject.spec.filter?.value.source,
      sample: sourceSample)
    let asks = [
      Ask(.source, question(scan, sourceKey, sourceValue)),
      Ask(.target, question(found, filter?.target, of: count)),
      Ask(.target, .readers(found.catalog.relation)),
    ]
    noteOthers(catalog, own)
    let roleQuestion = question(found, filter?.target, of: count)
    views = RoleViews(
      Dictionary(roles.all.map { ($0, [roleQuestion]) }, uniquingKeysWith: { one, _ in one }),
      optional: roles.others, .masking)
    state = .values(asks)
    return .ask(asks)
  }

  private func sample(_ key: [CanonicalColumn], of count: Int) -> Scan.Sample? {
    count > Self.most && !key.isEmpty
      ? Scan.Sample(key: key, about: Self.part, of: count) : nil
  }

  private func question(
    _ scan: Scan, _ key: [CanonicalColumn], _ value: CanonicalColumn
  ) -> Question {
    // One more than is wanted tells that there were too many.
    .valueDigests(scan, key: key, value: value, most: Self.most + 1)
  }

  private func question(_ target: Target, _ filter: String?, of count: Int) -> Question {
    question(
      Scan(
        relation: target.catalog.relation, filter: filter, sample: sample(target.key, of: count)),
      target.key, target.value)
  }

  /// The relation to look through, with the columns that stand for key and value there.
  private func target(
    _ pair: TablePair, _ catalog: SchemaCatalog, _ key: [TablePair.ColumnPair],
    _ value: CanonicalColumn, _ dialects: Dialects
  ) -> Result<Target, PolicyPlace.Missing> {
    let targetKey = key.compactMap { $0.canonical(.target, dialects) }
    guard let also else {
      return .success(Target(catalog: pair.target, key: targetKey, value: value))
    }
    let table: TableCatalog
    switch also.find(in: catalog) {
    case .success(let found): table = found
    case .failure(let missing): return .failure(missing)
    }
    guard let column = also.column(of: table) else {
      return .failure(PolicyPlace.Missing("\(table.relation) has no column \(also.title)"))
    }
    func stands(_ name: ColumnCatalog, for model: CanonicalColumn) -> CanonicalColumn? {
      let type = name.type.logical.lacksDetail ? model.type : name.type.logical
      guard dialects.target.canExpress(type, as: model.form) else { return nil }
      return CanonicalColumn(name: name.name, type: type, form: model.form, zone: model.zone)
    }
    guard let shown = stands(column, for: value) else {
      return .failure(
        PolicyPlace.Missing(
          "\(also.title) is \(column.type.declared), which cannot be compared with \(place.title)"))
    }
    let parts = targetKey.map { part in table.column(part.name).flatMap { stands($0, for: part) } }
    let isKeyed = !parts.isEmpty && parts.allSatisfy { $0 != nil } && shown.name != parts[0]?.name
    return .success(
      Target(catalog: table, key: isKeyed ? parts.compactMap(\.self) : [], value: shown))
  }

  /// Columns of the same name that nobody looks at.
  private mutating func noteOthers(_ catalog: SchemaCatalog, _ column: ColumnCatalog) {
    guard also == nil else { return }
    let others = catalog.tables.filter { table in
      table.columns.contains { $0.name == column.name }
        && !covered.contains { place in
          if case .success(let found) = place.find(in: catalog) {
            return found.relation == table.relation
              && place.table.schema.schema == catalog.name.schema
              && place.column(of: found)?.name == column.name
          }
          return false
        }
    }
    guard !others.isEmpty else { return }
    let names = others.map { "\($0.relation.name).\(column.name)" }
    notes.append(
      "columns of the same name that were not looked at: \(names.joined(separator: ", ")); those that "
        + "show the same values belong under `also:`")
  }

  /// Keeps what the source and the run see; a verdict where they tell nothing.
  private mutating func read(_ answers: [Answer]) -> Verdict? {
    guard case .rows(let rows) = answers[0], let target else {
      preconditionFailure("digests were asked for")
    }
    let isKeyed = !target.key.isEmpty
    guard rows.count <= Self.most else {
      return Self.unknown(
        "\(place.title) has more than \(grouped(Self.most)) rows, of which some are chosen by their "
          + "key, and there is no key to compare by",
        remedy: "name the columns that identify a row: `key: [...]`, and show them in views as well"
      )
    }
    let truth = TrueValues(rows, isKeyed: isKeyed)
    self.truth = truth
    guard !rows.isEmpty else {
      return Self.unknown(
        "\(place.title) has no row in the source, so that nothing can be seen of it")
    }
    guard truth.present > 0 else {
      return Self.unknown(
        "every value of \(place.title) is NULL in the source, so that nothing can be seen of it")
    }
    guard !truth.isAmbiguous else {
      return Self.unknown(
        "the key of \(place.title) is not unique, so that rows cannot be compared")
    }
    if case .rows(let seen) = answers[1] { own = truth.sighting(seen) }
    if isSampled {
      notes.append("looked at: \(grouped(rows.count)) rows, chosen by the digests of their keys")
    }
    if !isKeyed {
      notes.append("there is no key to compare by: a value counts as true where any row has it")
    }
    noteReaders(answers[2])
    return nil
  }

  /// Who else may read and was not tried.
  private mutating func noteReaders(_ answer: Answer) {
    guard case .readers(let found) = answer else { return }
    let tried = Set(roles.all.map { Principal.role($0) })
    let others = found.readers.map(\.principal).filter { !tried.contains($0) }
    guard !others.isEmpty else { return }
    let names = Set(others).sorted().map(\.description)
    notes.append("may read it too, and were not tried: \(names.joined(separator: ", "))")
  }

  // MARK: Roles

  private mutating func askRoles(_ answers: [Answer], _ dialects: Dialects) -> Move {
    guard var views, let truth, let target else { preconditionFailure("values were asked first") }
    let progress = views.next(given: answers, dialects: dialects)
    self.views = views
    switch progress {
    case .ask(let asks): return .ask(asks)
    case .done:
      return .decide(
        MaskingJudgement(
          check: self, truth: truth, views: views,
          relation: (also ?? place).written(target.catalog.relation),
          isView: target.catalog.kind == .view
        ).verdict)
    }
  }
}
