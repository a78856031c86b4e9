/// How one database says things; pure, so that statements can be printed without a connection.
///
/// The primitives below are all a new database has to supply besides its catalog: the shared
/// statements of `Dialect+Statements.swift` are built from them.
package protocol Dialect: Sendable {
  /// The run's random text that keeps digests of sensitive values from being looked up in a table
  /// of known ones; the same on both sides, so that equal values have equal digests.
  var salt: String { get }

  /// Thirty random letters or digits of the run, recorded with its results: whatever compresses
  /// values is keyed by them.
  var seed: String { get }

  /// Databases of one family print and send values of one type alike: `postgresql`.
  var family: String { get }

  /// How the database tells what executions cost it.
  var costs: CostAccount { get }

  /// Whether the number of a table's rows is known without reading it.
  var countsAtOnce: Bool { get }

  /// Whether names without quotation marks mean capitals.
  var foldsToCapitals: Bool { get }

  /// Whether values of this type have a binary form that is the same for equal values only.
  func hasNativeForm(_ type: LogicalType) -> Bool

  /// A column as it enters a fingerprint; bytes for the native form, text otherwise.
  func digestValue(of column: CanonicalColumn, as form: DigestForm) -> SQL

  /// The first 16 hexadecimal digits of the MD5 of all values in order, as
  /// ``BucketFingerprint`` says.
  func joinedDigest(_ value: SQL, isNative: Bool, order: [SQL]) -> SQL

  /// How far the first key of a key's bucket is from the grid's lower end, below which no key is.
  func bucketStart(of key: SQL, in grid: KeyGrid) -> SQL

  /// Rows and fingerprints of some ranges of keys.
  func fingerprints(
    _ scan: Scan, _ shape: FingerprintShape, _ buckets: KeyBuckets, in grid: KeyGrid
  ) -> SQL

  /// Rows of some ranges of keys in the order of the keys.
  func rows(_ stream: KeyedStream, in grid: KeyGrid) -> SQL

  /// A name quoted so that it means exactly this spelling.
  func quoted(_ identifier: Identifier) -> String

  /// A text literal; each database escapes in its own way.
  func quoted(literal: String) -> String

  /// A relation in a FROM clause, with the read point where the database needs one.
  func tableReference(_ relation: Relation) -> String

  /// The value of a column in its canonical form; NULL stays NULL.
  func canonicalText(of column: CanonicalColumn) -> SQL

  /// A cell as a query itself returns it, in the column's canonical form; `nil` where it cannot be
  /// brought into it without asking the database.
  func canonicalText(of column: CanonicalColumn, cell: String) -> String?

  /// Whether a column of this type can be brought into the form.
  func canExpress(_ type: LogicalType, as form: CanonicalForm) -> Bool

  /// The MD5 of a text, as 32 lower-case hexadecimal digits.
  func md5(_ text: SQL) -> SQL

  /// The low 60 bits and the low 60 bits of the upper half of a text's MD5, as exact integers.
  func md5Halves(_ text: SQL) -> (low: SQL, high: SQL)

  /// Which of `count` buckets the text belongs to: the low 60 bits of its MD5, modulo the count.
  func bucket(of text: SQL, count: Int) -> SQL

  /// An exact sum of integers.
  func exactSum(_ integer: SQL) -> SQL

  /// A number or text cast to text.
  func text(_ value: SQL) -> SQL

  /// Text ordered by its bytes.
  func byteOrdered(_ text: SQL) -> SQL

  /// A derived table's end that keeps the planner from evaluating its columns more than once.
  var evaluationBarrier: SQL { get }

  /// The names of the types for wall clocks and for points in time.
  var timestampName: SQL { get }
  var instantName: SQL { get }

  /// Whether a text contains a match of a POSIX regular expression, or `nil` where this dialect
  /// cannot say it with the same meaning.
  func contains(_ text: SQL, pattern: String, ignoringCase: Bool) -> SQL?

  /// A type as a spec's author writes it, in this database's words; `nil` for none.
  func type(named name: String) -> ColumnType?

  /// The statements that answer a catalog question.
  func catalogStatements(for question: Question) -> [SQL]

  /// The statement that tries something as a role and changes nothing; `nil` where this database has
  /// none.
  func statement(of probe: Probe, as role: RoleName) -> SQL?

  /// The query as policies would decide it for another role, asked with the run's own rights; `nil`
  /// where this database cannot say so.
  func simulated(_ query: SQL, as role: RoleName) -> SQL?

  /// Whether the error means that the role may not do what was tried.
  func isRefusal(_ error: DatabaseError) -> Bool

  /// Reads what the catalog statements returned, in their order.
  ///
  /// An error among the results becomes a gap where the rest is still useful.
  func catalogAnswer(
    to question: Question, from results: [Result<Rows, DatabaseError>]
  ) throws(DatabaseError) -> Answer
}

extension Dialect {
  /// The text to be sent.
  package func render(_ sql: SQL) -> String {
    var text = ""
    for piece in sql.pieces {
      switch piece {
      case .text(let part): text += part
      case .identifier(let identifier): text += quoted(identifier)
      case .literal(let literal): text += quoted(literal: literal)
      case .table(let relation):
        // The line break ends a comment that the query may end with.
        text += relation.query.map { "(\n\($0)\n) parity_query" } ?? tableReference(relation)
      case .name(let relation): text += qualifiedName(relation)
      }
    }
    return text
  }

  /// A relation's quoted full name, without read point.
  package func qualifiedName(_ relation: Relation) -> String {
    [relation.schema.database, relation.schema.schema, relation.name]
      .compactMap { $0.map(quoted) }.joined(separator: ".")
  }

  /// The statements that answer a question, ready to be sent.
  package func statements(for question: Question) -> [SQL] {
    switch question {
    case .schema, .columnTypes, .access, .members, .readers, .accountParameters, .networkPolicy,
      .listing:
      catalogStatements(for: question)
    case .probe(let probe, let role): [statement(of: probe, as: role)].compactMap(\.self)
    case .link: []
    case .queryColumns(let relation): ["SELECT * FROM \(table: relation) LIMIT 0"]
    case .viewed(let question, .role), .viewed(let question, .zone): statements(for: question)
    case .viewed(let question, .context(let role)):
      statements(for: question).compactMap { simulated($0, as: role) }
    case .valueDigests(let scan, let key, let value, let most):
      [valueDigests(scan, key: key, value: value, most: most)]
    case .aggregate(let scan, let measures): [aggregate(scan, measures)]
    case .duplicates(let scan, let columns, let nullsAreEqual, let showValues):
      duplicates(scan, columns, nullsAreEqual: nullsAreEqual, showValues: showValues)
    case .orphans(let scan, let columns, let parent, let parentColumns, let showValues):
      orphans(scan, columns, parent: parent, parentColumns, showValues: showValues)
    case .outsiders(let scan, let column, let accepted, let showValues):
      outsiders(scan, column, accepted: accepted, showValues: showValues)
    case .buckets(let scan, let shape, let count): [buckets(scan, shape, count: count)]
    case .rows(let scan, let shape, let keyDigests): [rows(scan, shape, keyDigests: keyDigests)]
    case .fingerprints(let scan, let shape, let buckets): [fingerprints(scan, shape, buckets)]
    }
  }

  /// Reads what the statements returned, in their order.
  package func answer(
    to question: Question, from results: [Result<Rows, DatabaseError>]
  ) throws(DatabaseError) -> Answer {
    if question.isCatalog { return try catalogAnswer(to: question, from: results) }
    if case .probe(let probe, let role) = question {
      return .probe(try probeResult(probe, as: role, results.first))
    }
    if case .viewed(let viewed, _) = question {
      guard !results.isEmpty else { throw .noSimulation }
      return try answer(to: viewed, from: results)
    }
    var rows: [Rows] = []
    for result in results { rows.append(try result.get()) }
    guard let first = rows.first else {
      throw DatabaseError(.protocolViolation, "no statement was sent")
    }
    switch question {
    case .schema, .columnTypes, .access, .members, .readers, .accountParameters, .networkPolicy,
      .listing, .probe, .link, .viewed, .queryColumns:
      throw DatabaseError(.protocolViolation, "no statement answers this question")
    case .aggregate(_, let measures):
      guard let cells = first.cells.first, cells.count == measures.map(\.width).reduce(0, +) else {
        throw DatabaseError(.protocolViolation, "an aggregate returned no row")
      }
      var position = 0
      return .measures(
        measures.map { measure in
          defer { position += measure.width }
          return Array(cells[position..<position + measure.width])
        })
    case .duplicates, .orphans, .outsiders:
      return .groups(try groups(first, examples: rows.dropFirst().first))
    case .buckets:
      var buckets: [Int: Answer.BucketDigest] = [:]
      for row in first.cells {
        guard row.count == 4, let bucket = row[0].flatMap({ Int($0) }),
          let count = row[1].flatMap({ Int($0) }), let low = row[2], let high = row[3]
        else { throw DatabaseError(.protocolViolation, "a bucket's row is not four numbers") }
        buckets[bucket] = Answer.BucketDigest(rows: count, low: low, high: high)
      }
      return .buckets(buckets)
    case .rows, .valueDigests: return .rows(first.cells)
    case .fingerprints(_, let shape, let buckets):
      var found: [Int: BucketFingerprint] = [:]
      try fingerprints(from: first.cells, of: shape, buckets.division, into: &found)
      return .fingerprints(found)
    }
  }

  /// What a probe's statement says: it ran, it ran and told `f` for no, or it was refused.
  private func probeResult(
    _ probe: Probe, as role: RoleName, _ result: Result<Rows, DatabaseError>?
  ) throws(DatabaseError) -> ProbeResult {
    guard let result else {
      throw DatabaseError(
        .unsupported, "this cannot be tried without the risk of changing something",
        hint: "say it in `privileges:`, which are exact")
    }
    switch result {
    case .failure(let error):
      // That the run may not act as the role says nothing of what the role may do.
      guard probe != .identity, isRefusal(error) else { throw error }
      return .refused(error.message)
    case .success(let rows):
      guard let cell = rows.cells.first?.first ?? nil else {
        throw DatabaseError(.protocolViolation, "a probe was answered by nothing")
      }
      if cell == "f" { return .refused("the database says it has no right to") }
      return .done
    }
  }

  private func groups(_ totals: Rows, examples: Rows?) throws(DatabaseError) -> Answer.Groups {
    guard let row = totals.cells.first, row.count == 2, let count = row[0].flatMap({ Int($0) }),
      let rows = row[1].flatMap({ Int($0) })
    else { throw DatabaseError(.protocolViolation, "a count of groups is not a number") }
    var shown: [Answer.Groups.Example] = []
    for cells in examples?.cells ?? [] {
      guard let last = cells.last, let rows = last.flatMap({ Int($0) }) else {
        throw DatabaseError(.protocolViolation, "a group's count is not a number")
      }
      shown.append(Answer.Groups.Example(values: Array(cells.dropLast()), rows: rows))
    }
    return Answer.Groups(count: count, rows: rows, examples: shown)
  }
}
