/// Statements about buckets of keys, in the form every database has: one scan, grouped.
///
/// A database with a quicker way to read ranges of keys answers them itself.
extension Dialect {
  /// Rows and fingerprints of some buckets.
  package func fingerprints(
    _ scan: Scan, _ shape: FingerprintShape, _ buckets: KeyBuckets
  ) -> SQL {
    switch buckets.division {
    case .ranges(let grid): fingerprints(scan, shape, buckets, in: grid)
    case .digests(let count): unorderedFingerprints(scan, shape, buckets, count: count)
    }
  }

  /// Rows of some buckets in the order of their keys.
  package func rows(_ stream: KeyedStream) -> SQL {
    switch stream.buckets.division {
    case .ranges(let grid): rows(stream, in: grid)
    case .digests: groupedRows(stream)
    }
  }

  /// One row a bucket that is not empty: its number, its rows, 16 hexadecimal digits for all columns.
  private func unorderedFingerprints(
    _ scan: Scan, _ shape: FingerprintShape, _ buckets: KeyBuckets, count: Int
  ) -> SQL {
    let keys = shape.order.columns.indices.map { SQL(verbatim: "parity_k\($0)") }
    let names = shape.columns.indices.map { SQL(verbatim: "parity_v\($0)") }
    let inner =
      zip(shape.order.columns, keys).map { "\(canonicalText(of: $0)) AS \($1)" as SQL }
      + zip(shape.columns, names).map { column, name in
        "\(digested(DigestColumn(column.column, .canonical))) AS \(name)"
      }
    let separator = DigestMarks(seed: seed).separator
    let middle: SQL = """
      SELECT \(bucket(of: encoded(keys), count: count)) AS parity_b, \(encoded(names)) AS parity_r \
      FROM (SELECT \(inner.joined(by: ", ")) FROM \(table: scan.relation)\(clause(scan)) \
      \(evaluationBarrier)) p\(evaluationBarrier)
      """
    let halves = md5Halves("\(literal: separator) || parity_r")
    let sums: SQL = "\(text(exactSum(halves.low))) || '/' || \(text(exactSum(halves.high)))"
    return """
      SELECT \(text("parity_b")) AS bucket, \(text("COUNT(*)")) AS row_total, \
      SUBSTR(\(md5(sums)), 1, 16) AS digests FROM (\(middle)) q GROUP BY parity_b
      """
  }

  /// One row a bucket that is not empty: where it starts, its rows, 16 hexadecimal digits a column.
  package func groupedFingerprints(
    _ scan: Scan, _ shape: FingerprintShape, _ buckets: KeyBuckets, in grid: KeyGrid
  ) -> SQL {
    let number = bucketStart(of: "\(shape.order.leading.name)", in: grid)
    let names = shape.columns.indices.map { SQL(verbatim: "parity_v\($0)") }
    let order = shape.order.columns.indices.map { SQL(verbatim: "parity_k\($0)") }
    let inner =
      ["\(number) AS parity_b" as SQL]
      + zip(keyOrder(shape.order), order).map { "\($0) AS \($1)" as SQL }
      + zip(shape.columns, names).map { "\(digested($0)) AS \($1)" as SQL }
    let digests = zip(names, shape.columns).map { name, column in
      joinedDigest(name, isNative: column.form == .native, order: order)
    }
    return """
      SELECT \(text("parity_b")) AS bucket, \(text("COUNT(*)")) AS row_total, \
      \(digests.joined(by: " || ")) AS digests FROM \
      (SELECT \(inner.joined(by: ", ")) FROM \(table: scan.relation)\
      \(condition(scan, shape.order, hull(shape.order, buckets, in: grid))) \
      \(evaluationBarrier)) p WHERE \(among(buckets, "parity_b")) GROUP BY parity_b
      """
  }

  /// Rows of some buckets in the order of their keys.
  package func groupedRows(_ stream: KeyedStream) -> SQL {
    let key = keyOrder(stream.order)
    let names = key.indices.map { SQL(verbatim: "parity_k\($0)") }
    let number: SQL
    let condition: SQL
    switch stream.buckets.division {
    case .ranges(let grid):
      number = bucketStart(of: "\(stream.order.leading.name)", in: grid)
      condition = self.condition(
        stream.scan, stream.order, hull(stream.order, stream.buckets, in: grid))
    case .digests(let count):
      number = bucket(of: encoded(stream.order.columns.map(canonicalText)), count: count)
      condition = clause(stream.scan)
    }
    let inner =
      ["\(number) AS parity_b" as SQL] + zip(key, names).map { "\($0) AS \($1)" as SQL }
      + shown(stream)
    let shown = (stream.order.columns + stream.columns).indices.map {
      SQL(verbatim: "parity_c\($0)")
    }
    return """
      SELECT \(shown.joined(by: ", ")) FROM (SELECT \(inner.joined(by: ", ")) \
      FROM \(table: stream.scan.relation)\(condition) \
      \(evaluationBarrier)) p WHERE \(among(stream.buckets, "parity_b")) \
      ORDER BY \(names.map { "\($0) NULLS LAST" as SQL }.joined(by: ", "))
      """
  }

  /// A column as it enters a fingerprint: a long text as its own MD5, so that a bucket's text stays
  /// small whatever the values are.
  package func digested(_ column: DigestColumn) -> SQL {
    let value = changed(digestValue(of: column.column, as: column.form), column.column.changes)
    guard column.form != .native, column.mayBeLong else { return value }
    let separator = DigestMarks(seed: seed).separator
    return """
      CASE WHEN OCTET_LENGTH(\(value)) > \(DigestColumn.longest) \
      THEN '#' || \(md5("\(literal: separator) || \(value)")) ELSE \(value) END
      """
  }

  /// The value, or what the migration turns it into.
  private func changed(_ value: SQL, _ changes: [AcceptedChange]) -> SQL {
    guard !changes.isEmpty else { return value }
    let cases = changes.map { change -> SQL in
      let condition: SQL = change.source.map { "= \(literal: $0)" } ?? "IS NULL"
      let exact = change.source == nil ? value : byteOrdered(value)
      return "WHEN \(exact) \(condition) THEN \(change.target.map { "\(literal: $0)" } ?? "NULL")"
    }
    return "CASE \(cases.joined(by: " ")) ELSE \(value) END"
  }

  /// What rows are ordered by, alike on both sides.
  package func keyOrder(_ order: KeyOrder) -> [SQL] {
    zip(order.columns, order.parts).map { column, part in
      part == .integer ? "\(column.name)" : byteOrdered(canonicalText(of: column))
    }
  }

  /// Key and columns as texts `parity_c0` and so on; sensitive values as salted digests.
  package func shown(_ stream: KeyedStream) -> [SQL] {
    (stream.order.columns + stream.columns).enumerated().map { position, column in
      let text = canonicalText(of: column)
      let value: SQL =
        stream.sensitive.contains(column.name)
        ? "CASE WHEN \(text) IS NULL THEN NULL ELSE \(md5("\(literal: salt) || \(text)")) END"
        : text
      return "\(value) AS \(SQL(verbatim: "parity_c\(position)"))"
    }
  }

  /// The range of keys around some buckets, said so that storage without such keys is not read.
  private func hull(_ order: KeyOrder, _ buckets: KeyBuckets, in grid: KeyGrid) -> [SQL] {
    guard let (first, last) = buckets.hull(in: grid) else { return [] }
    return ["\(order.leading.name) BETWEEN \(first) AND \(last)"]
  }

  /// ` WHERE …`: rows with a key, the author's own condition, and more.
  package func condition(_ scan: Scan, _ order: KeyOrder, _ more: [SQL]) -> SQL {
    var parts = more
    if more.isEmpty { parts.append("\(order.leading.name) IS NOT NULL") }
    parts += conditions(scan)
    return " WHERE \(parts.joined(by: " AND "))"
  }

  /// Whether a bucket that starts there is one of the chosen.
  private func among(_ buckets: KeyBuckets, _ start: SQL) -> SQL {
    let width = buckets.division.step
    let singles = buckets.runs.filter { $0.count == 1 }.map { "\($0.lowerBound * width)" }
    var parts = buckets.runs.filter { $0.count > 1 }.map {
      "\(start) BETWEEN \($0.lowerBound * width) AND \($0.upperBound * width)" as SQL
    }
    if !singles.isEmpty {
      parts.append("\(start) IN (\(SQL(verbatim: singles.joined(separator: ", "))))")
    }
    return "(\(parts.joined(by: " OR ")))"
  }

  /// Reads the rows of a fingerprint statement; tells how many rows of the table they stand for.
  @discardableResult
  package func fingerprints(
    from rows: [[String?]], of shape: FingerprintShape, _ division: KeyDivision,
    into found: inout [Int: BucketFingerprint]
  ) throws(DatabaseError) -> Int {
    let width = division.step
    let columns = shape.width(in: division)
    var total = 0
    for row in rows {
      guard row.count == 3, let start = row[0].flatMap({ Int($0) }), start % width == 0,
        let count = row[1].flatMap({ Int($0) }), let text = row[2],
        let digests = Self.digests(text), digests.count == columns,
        found.updateValue(BucketFingerprint(rows: count, columns: digests), forKey: start / width)
          == nil
      else { throw DatabaseError(.protocolViolation, "a bucket's row is not what was asked for") }
      total += count
    }
    return total
  }

  /// 64 bits for each 16 hexadecimal digits.
  private static func digests(_ text: String) -> [UInt64]? {
    var digests: [UInt64] = []
    var value: UInt64 = 0
    var digits = 0
    for byte in text.utf8 {
      switch byte {
      case 0x30...0x39: value = value << 4 | UInt64(byte - 0x30)
      case 0x61...0x66: value = value << 4 | UInt64(byte - 0x57)
      default: return nil
      }
      digits += 1
      if digits % 16 == 0 {
        digests.append(value)
        value = 0
      }
    }
    return digits % 16 == 0 ? digests : nil
  }
}

extension CanonicalColumn {
  /// Whether the values are whole numbers on this side.
  package var isWholeNumber: Bool {
    if form == .number, case .integer = type { true } else { false }
  }
}
