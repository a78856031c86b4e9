package import SpecCore

/// One side of a migration held in memory: answers questions from its rows, without SQL.
///
/// Cells are canonical texts in the order of the table's columns; digests are of this file's own
/// making, and like MD5 equal for equal texts only.
package struct FakeSide: Sendable {
  package var schemas: [SchemaCatalog]
  package var types: [Relation: [Identifier: ColumnType]] = [:]
  package var rows: [Relation: [[String?]]]
  /// The columns of each query, by its text.
  package var queries: [String: [ColumnCatalog]] = [:]
  /// What rows are in a session of another time zone, where they are others.
  package var zoned: [String: [Relation: [[String?]]]] = [:]
  /// The answer to `.violations`, for every rule alike.
  package var violations = 0
  /// What `where:` means here; everything where nothing is said.
  package var isWanted: @Sendable (_ filter: String, _ row: [String?]) -> Bool = { _, _ in true }
  /// What each principal has directly; whoever is not here does not exist, but for PUBLIC.
  package var access: [Principal: DirectAccess] = [:]
  package var members: [RoleName: RoleMembers] = [:]
  /// What may be done by whom; everything else is refused.
  package var permitted: [RoleName: Set<Probe>] = [:]
  package var readers: [Relation: TableReaders] = [:]
  package var listings: [Listing: [ListedRow]] = [:]
  package var link = LinkProtection.loopback
  package var parameters: [String: String] = [:]
  package var networkPolicies: [Identifier: [String: String]] = [:]
  /// What a role reads in place of what the run reads; whoever is not here may not read.
  package var seen: [RoleName: [Relation: [[String?]]]] = [:]
  /// Roles that the run cannot act as.
  package var unavailable: Set<RoleName> = []
  /// Whether the run may ask what policies give another role.
  package var canSimulate = false
  /// What a query that is measured takes here.
  package var timings: SideTimings?
  /// Answers given instead of the right ones.
  package var override: @Sendable (Question) -> Answer? = { _ in nil }
  /// Streams handed out instead of the right ones.
  package var streamOverride: @Sendable (RowStream) -> [[String?]]? = { _ in nil }

  /// The same for streams in the order of keys.
  package var keyedStreamOverride: @Sendable (KeyedStream) -> [[String?]]? = { _ in nil }

  package init(schemas: [SchemaCatalog], rows: [Relation: [[String?]]] = [:]) {
    self.schemas = schemas
    self.rows = rows
  }

  /// The answer to a question of one side.
  package func answer(to question: Question) -> Answer {
    if let answer = override(question) { return answer }
    switch question {
    case .schema(let name):
      return .schema(
        schemas.first { $0.name == name }
          ?? SchemaCatalog(name: name, isVisible: false, tables: []))
    case .columnTypes(let relation): return .types(types[relation] ?? [:])
    case .queryColumns(let relation):
      return queries[relation.query ?? ""].map { .columns($0) }
        ?? .failed(DatabaseError(.statementFailed, "no such query"))
    case .aggregate(let scan, let measures):
      let rows = read(scan)
      return .measures(measures.map { measured($0, rows, scan.relation) })
    case .duplicates(let scan, let columns, let nullsAreEqual, let showValues):
      let values = read(scan).map { cells($0, columns, scan.relation) }
      let present = nullsAreEqual ? values : values.filter { !$0.contains(nil) }
      return groups(present, showValues: showValues) { $0 > 1 }
    case .orphans(let scan, let columns, let parent, let parentColumns, let showValues):
      let known = Set(read(Scan(relation: parent)).map { cells($0, parentColumns, parent) })
      let children = read(scan).map { cells($0, columns, scan.relation) }
      let lost = children.filter { !$0.contains(nil) && !known.contains($0) }
      return groups(lost, showValues: showValues) { _ in true }
    case .outsiders(let scan, let column, let accepted, let showValues):
      let values = read(scan).map { cells($0, [column], scan.relation) }
      let outside = values.filter { cell in cell[0].map { !accepted.contains($0) } ?? false }
      return groups(outside, showValues: showValues) { _ in true }
    case .buckets(let scan, let shape, let count):
      return buckets(read(scan), shape, scan.relation, count: count)
    case .rows(let scan, let shape, let keyDigests):
      return fetched(read(scan), shape, scan.relation, keyDigests)
    case .fingerprints(let scan, let shape, let buckets):
      return .fingerprints(fingerprints(scan, shape, buckets))
    case .access(let principal):
      return .access(access[principal] ?? DirectAccess(exists: principal == .everyone))
    case .members(let role): return .members(members[role] ?? RoleMembers(exists: false))
    case .probe(let probe, let role):
      if unavailable.contains(role) {
        return .failed(DatabaseError(.configuration, "cannot act as \(role)", hint: "grant it"))
      }
      let isPermitted = probe == .identity || permitted[role]?.contains(probe) == true
      return .probe(isPermitted ? .done : .refused("permission denied"))
    case .readers(let table): return .readers(readers[table] ?? TableReaders([]))
    case .link: return .link(link)
    case .valueDigests(let scan, let key, let value, let most):
      return .rows(Array(valueDigests(scan, key, value).prefix(most)))
    case .viewed(let question, let viewer): return viewed(question, viewer)
    case .listing(.rowSecurity) where listings.isEmpty:
      return .listing([ListedRow(["enabled": "f"])])
    case .listing(let listing):
      return listings[listing].map { .listing($0) }
        ?? .failed(DatabaseError(.unsupported, "no such list"))
    case .accountParameters: return .settings(parameters)
    case .networkPolicy(let name):
      return networkPolicies[name].map { .settings($0) }
        ?? .failed(DatabaseError(.missingObject, "no such policy"))
    }
  }

  /// The question as somebody else gets it answered; who is not in `seen` may not read.
  private func viewed(_ question: Question, _ viewer: Viewer) -> Answer {
    let role: RoleName
    switch viewer {
    case .role(let name):
      role = name
      if unavailable.contains(name) {
        return .failed(DatabaseError(.configuration, "cannot act as \(name)", hint: "grant it"))
      }
    case .zone(let zone):
      var side = self
      side.rows.merge(zoned[zone] ?? [:]) { _, new in new }
      return side.answer(to: question)
    case .context(let name):
      role = name
      guard canSimulate else { return .failed(DatabaseError(.permissionDenied, "no APPLY")) }
    }
    var side = self
    guard let own = seen[role] else {
      return .failed(DatabaseError(.permissionDenied, "\(role) may not read", code: "42501"))
    }
    side.rows.merge(own) { _, new in new }
    return side.answer(to: question)
  }

  private func valueDigests(
    _ scan: Scan, _ key: [CanonicalColumn], _ value: CanonicalColumn
  ) -> [[String?]] {
    read(scan).map { row in
      [
        key.isEmpty ? "" : Self.digest("salt" + Self.encoded(cells(row, key, scan.relation))),
        cells(row, [value], scan.relation)[0].map { Self.digest("salt" + $0) },
      ]
    }
  }

  /// Rows of some buckets in the order of their keys, the bucket's number with each.
  private func keyed(
    _ scan: Scan, _ order: KeyOrder, _ buckets: KeyBuckets
  ) -> [(bucket: Int, row: [String?])] {
    let rows = read(scan).compactMap { row -> (Int, [String?], [String?])? in
      let key = cells(row, order.columns, scan.relation)
      let bucket: Int
      switch buckets.division {
      case .ranges(let grid):
        guard let number = key[0].flatMap({ Int($0) }) else { return nil }
        bucket = (number - grid.lower) / grid.width
      case .digests(let count): bucket = Self.bucket(Self.digest(Self.encoded(key)), count)
      }
      return buckets.runs.contains { $0.contains(bucket) } ? (bucket, key, row) : nil
    }
    let sorted = rows.sorted { left, right in
      for (position, part) in order.parts.enumerated() {
        guard let one = left.1[position], let other = right.1[position] else {
          // NULL comes last.
          if left.1[position] == nil, right.1[position] == nil { continue }
          return right.1[position] == nil
        }
        if one.utf8.elementsEqual(other.utf8) { continue }
        if part == .integer, let first = Int128(one), let second = Int128(other) {
          return first < second
        }
        return one.utf8.lexicographicallyPrecedes(other.utf8)
      }
      return false
    }
    return sorted.map { ($0.0, $0.2) }
  }

  private func fingerprints(
    _ scan: Scan, _ shape: FingerprintShape, _ buckets: KeyBuckets
  ) -> [Int: BucketFingerprint] {
    Dictionary(grouping: keyed(scan, shape.order, buckets), by: \.bucket).mapValues { rows in
      if case .digests = buckets.division {
        let columns = shape.columns.map(\.column)
        let digests = rows.map { Self.digest(Self.encoded(cells($0.row, columns, scan.relation))) }
        let sums = Self.sums(digests)
        return BucketFingerprint(
          rows: rows.count,
          columns: [UInt64(Self.digest("\(sums)").prefix(16), radix: 16) ?? 0])
      }
      return BucketFingerprint(
        rows: rows.count,
        columns: shape.columns.map { column in
          let values = rows.map { cells($0.row, [column.column], scan.relation)[0] }
          return UInt64(Self.digest(Self.encoded(values)).prefix(16), radix: 16) ?? 0
        })
    }
  }

  /// The rows of a stream in the order of their keys.
  package func stream(_ stream: KeyedStream) -> [[String?]] {
    if let rows = keyedStreamOverride(stream) { return rows }
    return keyed(stream.scan, stream.order, stream.buckets).map { _, row in
      let columns = stream.order.columns + stream.columns
      return zip(columns, cells(row, columns, stream.scan.relation)).map { column, cell in
        stream.sensitive.contains(column.name) ? cell.map { Self.digest("salt" + $0) } : cell
      }
    }
  }

  /// The rows of a stream in the order of their key digests.
  package func stream(_ stream: RowStream) -> [[String?]] {
    if let rows = streamOverride(stream) { return rows }
    let relation = stream.scan.relation
    let shape = stream.shape
    let rows = read(stream.scan).map { row -> [String?] in
      let columns = cells(row, shape.columns, relation)
      let digests = columns.map { $0.map { String(Self.digest($0).prefix(8)) } ?? "--------" }
      return [
        keyDigest(row, shape, relation), Self.digest(Self.encoded(columns)),
        stream.withColumnDigests ? digests.joined() : "",
      ] + cells(row, shape.streamed, relation)
    }
    let chosen = rows.filter { row in
      guard let buckets = stream.buckets, let key = row[0] else { return true }
      return buckets.chosen.contains(Self.bucket(key, buckets.count))
    }
    return chosen.sorted { ($0[0] ?? "", $0[1] ?? "") < ($1[0] ?? "", $1[1] ?? "") }
  }

  // MARK: Reading

  private func table(_ relation: Relation) -> TableCatalog {
    if let query = relation.query {
      return TableCatalog(relation: relation, kind: .view, columns: queries[query] ?? [])
    }
    guard
      let table = schemas.flatMap(\.tables).first(where: { $0.relation == relation })
    else { preconditionFailure("there is no table \(relation) on this side") }
    return table
  }

  private func read(_ scan: Scan) -> [[String?]] {
    let all = rows[scan.relation] ?? []
    guard let filter = scan.filter else { return all }
    return all.filter { isWanted(filter, $0) }
  }

  private func position(_ name: Identifier, _ relation: Relation) -> Int {
    guard let position = table(relation).columns.firstIndex(where: { $0.name == name }) else {
      preconditionFailure("\(relation) has no column \(name)")
    }
    return position
  }

  private func cells(
    _ row: [String?], _ columns: [CanonicalColumn], _ relation: Relation
  ) -> [String?] {
    columns.map { row[position($0.name, relation)] }
  }

  private func measured(
    _ measure: Measure, _ rows: [[String?]], _ relation: Relation
  ) -> [String?] {
    switch measure {
    case .rowCount: return ["\(rows.count)"]
    case .nulls(let name):
      let position = position(name, relation)
      return ["\(rows.count { $0[position] == nil })"]
    case .violations: return ["\(violations)"]
    case .minimum(let name):
      let position = position(name, relation)
      return [rows.compactMap { $0[position].flatMap { Int($0) } }.min().map { "\($0)" }]
    case .maximum(let name):
      let position = position(name, relation)
      return [rows.compactMap { $0[position].flatMap { Int($0) } }.max().map { "\($0)" }]
    case .least(let column): return measured(.minimum(column.name), rows, relation)
    case .greatest(let column): return measured(.maximum(column.name), rows, relation)
    case .digest(let columns):
      let digests = rows.map { Self.digest(Self.encoded(cells($0, columns, relation))) }
      let sums = Self.sums(digests)
      return [sums.low, sums.high]
    }
  }

  /// Salted, as the dialects do, where the key could tell of a sensitive value.
  private func keyDigest(_ row: [String?], _ shape: RowShape, _ relation: Relation) -> String {
    let columns = shape.key.isEmpty ? shape.columns : shape.key
    let isSensitive = columns.contains { shape.sensitive.contains($0.name) }
    return Self.digest((isSensitive ? "salt" : "") + Self.encoded(cells(row, columns, relation)))
  }

  private func buckets(
    _ rows: [[String?]], _ shape: RowShape, _ relation: Relation, count: Int
  ) -> Answer {
    var digests: [Int: [String]] = [:]
    for row in rows {
      let bucket = Self.bucket(keyDigest(row, shape, relation), count)
      digests[bucket, default: []]
        .append(Self.digest(Self.encoded(cells(row, shape.columns, relation))))
    }
    return .buckets(
      digests.mapValues { digests in
        let sums = Self.sums(digests)
        return Answer.BucketDigest(rows: digests.count, low: sums.low, high: sums.high)
      })
  }

  private func fetched(
    _ rows: [[String?]], _ shape: RowShape, _ relation: Relation, _ wanted: [String]
  ) -> Answer {
    func shown(_ row: [String?], _ columns: [CanonicalColumn]) -> [String?] {
      zip(columns, cells(row, columns, relation)).map { column, cell in
        shape.sensitive.contains(column.name)
          ? cell.map { String(Self.digest("salt" + $0).prefix(12)) } : cell
      }
    }
    let found = rows.filter { wanted.contains(keyDigest($0, shape, relation)) }
    return .rows(
      found.map { row in
        [keyDigest(row, shape, relation)] + shown(row, shape.key) + shown(row, shape.columns)
          + shown(row, shape.streamed)
      })
  }

  private func groups(
    _ values: [[String?]], showValues: Bool, _ isFault: (Int) -> Bool
  ) -> Answer {
    let counts = Dictionary(values.map { ($0, 1) }, uniquingKeysWith: +).filter {
      isFault($0.value)
    }
    let sorted = counts.sorted {
      $0.key.map { $0 ?? "" }.lexicographicallyPrecedes($1.key.map { $0 ?? "" })
    }
    let examples = sorted.prefix(10).map { values, rows in
      Answer.Groups.Example(
        values: showValues
          ? values : values.map { $0.map { String(Self.digest("salt" + $0).prefix(12)) } },
        rows: rows)
    }
    return .groups(
      Answer.Groups(
        count: counts.count, rows: counts.values.reduce(0, +), examples: examples))
  }

  // MARK: Digests

  private static func encoded(_ cells: [String?]) -> String {
    cells.map { $0.map { "\($0.utf8.count):\($0)" } ?? "-" }.joined(separator: ",")
  }

  /// 32 hexadecimal digits of a text: twice FNV-1a, from two beginnings.
  package static func digest(_ text: String) -> String {
    [0xCBF2_9CE4_8422_2325, 0x8422_2325_CBF2_9CE4 as UInt64].map { start in
      let hash = text.utf8.reduce(start) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
      var dice = Dice(seed: Int(truncatingIfNeeded: hash))
      let digits = String(dice.next(), radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
  }

  private static func sums(_ digests: [String]) -> (low: String, high: String) {
    func sum(_ part: (String) -> Substring) -> String {
      "\(digests.map { UInt128(part($0), radix: 16) ?? 0 }.reduce(0, +))"
    }
    return (sum { $0.suffix(15) }, sum { $0.prefix(16).suffix(15) })
  }

  private static func bucket(_ digest: String, _ count: Int) -> Int {
    Int((UInt64(digest.suffix(15), radix: 16) ?? 0) % UInt64(count))
  }
}
