package import SpecCore

extension PostgresDialect {
  package var family: String { "postgresql" }

  package var foldsToCapitals: Bool { false }

  package var countsAtOnce: Bool { false }

  package func hasNativeForm(_ type: LogicalType) -> Bool {
    switch type {
    case .integer(let digits): digits <= 19
    case .decimal, .float, .boolean, .uuid, .binary, .date, .time, .timestamp, .instant: true
    default: false
    }
  }

  package func digestValue(of column: CanonicalColumn, as form: DigestForm) -> SQL {
    let name: SQL = "\(column.name)"
    switch form {
    case .canonical: return quickText(column)
    case .fixed(let scale):
      if case .decimal(_, scale) = column.type { return "\(name)::numeric::text" }
      return "round(\(name)::numeric, \(scale))::text"
    case .native: return sent(name, column.type)
    }
  }

  /// The canonical text where the plain cast already gives it.
  private func quickText(_ column: CanonicalColumn) -> SQL {
    // A uuid prints in small letters.
    if column.form == .uuid, case .uuid = column.type { return "\(column.name)::text" }
    return canonicalText(of: column)
  }

  /// The form in which values are sent to clients: big-endian, the same for equal values.
  private func sent(_ name: SQL, _ type: LogicalType) -> SQL {
    switch type {
    case .integer: "int8send(\(name)::int8)"
    // Equal scales are demanded, so that equal numbers have equal digits.
    case .decimal: "numeric_send(\(name)::numeric)"
    // Zero has two signs and NaN many bits.
    case .float(24):
      "float4send(CASE WHEN \(name) = 'NaN' THEN 'NaN'::float4 ELSE \(name) + 0::float4 END)"
    case .float:
      "float8send(CASE WHEN \(name) = 'NaN' THEN 'NaN'::float8 ELSE \(name) + 0::float8 END)"
    case .boolean: "boolsend(\(name))"
    case .uuid: "uuid_send(\(name))"
    case .date: "date_send(\(name))"
    case .time: "time_send(\(name))"
    case .timestamp: "timestamp_send(\(name))"
    case .instant: "timestamptz_send(\(name))"
    // As long texts do, long bytes enter as their own MD5.
    case .binary:
      """
      CASE WHEN octet_length(\(name)) > \(DigestColumn.longest) THEN '#'::bytea || \
      decode(md5(\(literal: DigestMarks(seed: seed).separator)::bytea || \(name)), 'hex') ELSE \(name) END
      """
    default: name
    }
  }

  /// Whole microseconds since 1970, infinities as words.
  ///
  /// `date_part` divides by 10⁶ in doubles. Multiplying again is off by at most 2⁻⁵² of the value,
  /// less than half a microsecond within 2⁵¹ microseconds (71 years) of 1970, so rounding restores
  /// it; further away whole seconds and microseconds are taken apart.
  func microseconds(_ name: SQL) -> SQL {
    """
    CASE WHEN \(name) >= '1900-01-01' AND \(name) < '2041-01-01' \
    THEN (date_part('epoch', \(name)) * 1000000)::bigint::text \
    WHEN isfinite(\(name)) THEN (date_part('epoch', date_trunc('second', \(name)))::numeric(20,0) \
    * 1000000 + (date_part('microseconds', \(name))::bigint % 1000000))::text \
    ELSE '!' || \(name)::text END
    """
  }

  package func joinedDigest(_ value: SQL, isNative: Bool, order: [SQL]) -> SQL {
    let marks = DigestMarks(seed: seed)
    let type: SQL = isNative ? "::bytea" : ""
    let separator: SQL = "\(literal: marks.separator)\(type)"
    let sorted: SQL = order.isEmpty ? "" : " ORDER BY \(order.joined(by: ", "))"
    return """
      substr(md5(\(separator) || string_agg(COALESCE(\(value), \(literal: marks.null)\(type)), \
      \(separator)\(sorted))), 1, 16)
      """
  }

  package func bucketStart(of key: SQL, in grid: KeyGrid) -> SQL {
    "(\(key)::bigint - \(grid.lower) - mod(\(key)::bigint - \(grid.lower), \(grid.width)))"
  }

  /// Ranges of an index, one after the other: rows come in order without sorting or hashing.
  package func fingerprints(
    _ scan: Scan, _ shape: FingerprintShape, _ buckets: KeyBuckets, in grid: KeyGrid
  ) -> SQL {
    guard shape.order.isIndexed else {
      return groupedFingerprints(scan, shape, buckets, in: grid)
    }
    let key: SQL = "\(shape.order.leading.name)"
    let low: SQL = "(\(grid.lower) + parity_n.parity_b * \(grid.width))"
    let range: [SQL] = ["\(key) >= \(low)", "\(key) < \(low) + \(grid.width)"]
    let digests = shape.columns.map { column in
      joinedDigest(digested(column), isNative: column.form == .native, order: [])
    }
    var names: [Identifier] = []
    for column in shape.order.columns + shape.columns.map(\.column)
    where !names.contains(column.name) { names.append(column.name) }
    let fields = names.map { "\($0)" as SQL }.joined(by: ", ")
    return """
      SELECT (parity_b * \(grid.width))::text AS bucket, row_total::text, digests FROM \(numbers(of: buckets)) \
      CROSS JOIN LATERAL (SELECT count(*) AS row_total, \(digests.joined(by: " || ")) AS digests \
      FROM (SELECT \(fields) FROM \(table: scan.relation)\(condition(scan, shape.order, range)) \
      ORDER BY \(keyOrder(shape.order).joined(by: ", ")) OFFSET 0) parity_rows) parity_buckets \
      WHERE row_total > 0
      """
  }

  package func rows(_ stream: KeyedStream, in grid: KeyGrid) -> SQL {
    guard stream.order.isIndexed else { return groupedRows(stream) }
    let key: SQL = "\(stream.order.leading.name)"
    let range: [SQL] = [
      "\(key) >= \(grid.lower) + parity_r.first * \(grid.width)",
      "\(key) < \(grid.lower) + (parity_r.last + 1) * \(grid.width)",
    ]
    let columns = (stream.order.columns + stream.columns).indices.map {
      SQL(verbatim: "parity_c\($0)")
    }
    // A nested loop hands the ranges' rows out in the order of the ranges; whoever reads them
    // checks that they are in order.
    return """
      SELECT \(columns.joined(by: ", ")) FROM \(runs(of: stream.buckets)) CROSS JOIN LATERAL \
      (SELECT \(shown(stream).joined(by: ", ")) FROM \(table: stream.scan.relation)\
      \(condition(stream.scan, stream.order, range)) \
      ORDER BY \(keyOrder(stream.order).joined(by: ", ")) OFFSET 0) parity_rows
      """
  }

  private func runs(of buckets: KeyBuckets) -> SQL {
    let first = buckets.runs.map { "\($0.lowerBound)" }.joined(separator: ",")
    let last = buckets.runs.map { "\($0.upperBound)" }.joined(separator: ",")
    return """
      unnest('{\(SQL(verbatim: first))}'::bigint[], '{\(SQL(verbatim: last))}'::bigint[]) \
      AS parity_r (first, last)
      """
  }

  private func numbers(of buckets: KeyBuckets) -> SQL {
    if buckets.runs.count == 1, let run = buckets.runs.first {
      return """
        generate_series(\(run.lowerBound)::bigint, \(run.upperBound)::bigint) \
        AS parity_n (parity_b)
        """
    }
    return """
      \(runs(of: buckets)) CROSS JOIN LATERAL \
      generate_series(parity_r.first, parity_r.last) AS parity_n (parity_b)
      """
  }
}
