/// The statements that both databases answer, built from a dialect's primitives.
extension Dialect {
  /// Unambiguous for any content: `3:abc` for text, `-` for NULL, joined by commas.
  ///
  /// The length is in bytes, so no value can imitate its neighbour, a delimiter or NULL.
  package func encoded(_ texts: [SQL]) -> SQL {
    texts.map { "CASE WHEN \($0) IS NULL THEN '-' ELSE OCTET_LENGTH(\($0)) || ':' || \($0) END" }
      .joined(by: " || ',' || ")
  }

  /// A sensitive value as it may leave the database: 12 digits of its salted MD5; NULL stays NULL.
  private func salted(_ text: SQL) -> SQL {
    "CASE WHEN \(text) IS NULL THEN NULL ELSE SUBSTR(\(md5("\(literal: salt) || \(text)")), 1, 12) END"
  }

  /// `WHERE …`, or nothing.
  func clause(_ scan: Scan) -> SQL {
    let parts = conditions(scan)
    return parts.isEmpty ? "" : " WHERE \(parts.joined(by: " AND "))"
  }

  /// What a row of the scan fulfils: the author's condition, and to be in the sample.
  package func conditions(_ scan: Scan) -> [SQL] {
    var parts: [SQL] = []
    if let filter = scan.filter { parts.append("(\(SQL(verbatim: filter)))") }
    if let sample = scan.sample {
      let digest = md5(encoded(sample.key.map(canonicalText)))
      let digits = String(sample.limit, radix: 16)
      let limit = String(repeating: "0", count: max(0, 8 - digits.count)) + digits
      parts.append("\(byteOrdered("SUBSTR(\(digest), 1, 8)")) < \(literal: limit)")
    }
    return parts
  }

  /// Canonical texts under numbered aliases: `k0`, `k1` and so on.
  private func projected(_ columns: [CanonicalColumn], as prefix: String) -> [SQL] {
    columns.enumerated().map { "\(canonicalText(of: $1)) AS \(SQL(verbatim: "\(prefix)\($0)"))" }
  }

  private func aliases(_ prefix: String, _ count: Int) -> [SQL] {
    (0..<count).map { SQL(verbatim: "\(prefix)\($0)") }
  }

  /// All measures from one scan: the inner query projects, the middle one encodes, the outer adds.
  func aggregate(_ scan: Scan, _ measures: [Measure]) -> SQL {
    var inner: [SQL] = []
    var middle: [SQL] = []
    var outer: [SQL] = []
    var hasDigest = false
    for (position, measure) in measures.enumerated() {
      let value = SQL(verbatim: "v\(position)")
      switch measure {
      case .rowCount: outer.append("COUNT(*) AS \(value)")
      case .nulls(let column):
        inner.append("CASE WHEN \(column) IS NULL THEN 1 ELSE 0 END AS \(value)")
        middle.append(value)
        outer.append("COALESCE(\(exactSum(value)), 0) AS \(value)")
      case .violations(let predicate):
        inner.append("CASE WHEN NOT (\(predicate)) THEN 1 ELSE 0 END AS \(value)")
        middle.append(value)
        outer.append("COALESCE(\(exactSum(value)), 0) AS \(value)")
      case .minimum(let column), .maximum(let column):
        inner.append("\(column) AS \(value)")
        middle.append(value)
        let function: SQL = if case .minimum = measure { "MIN" } else { "MAX" }
        outer.append("\(text("\(function)(\(value))")) AS \(value)")
      case .least(let column), .greatest(let column):
        inner.append("\(column.name) AS \(value)")
        middle.append(value)
        let function: SQL = if case .least = measure { "MIN" } else { "MAX" }
        // The form is made of the one value that is left, not of every row's.
        let extreme = canonicalText(of: column)
          .replacing(column.name, by: "\(function)(\(value))")
        outer.append("\(extreme) AS \(value)")
      case .digest(let columns):
        hasDigest = true
        let prefix = "c\(position)_"
        inner += projected(columns, as: prefix)
        middle.append("\(encoded(aliases(prefix, columns.count))) AS \(value)")
        let halves = md5Halves(value)
        outer.append("COALESCE(\(exactSum(halves.low)), 0) AS \(value)_low")
        outer.append("COALESCE(\(exactSum(halves.high)), 0) AS \(value)_high")
      }
    }
    guard !inner.isEmpty else {
      return "SELECT \(outer.joined(by: ", ")) FROM \(table: scan.relation)\(clause(scan))"
    }
    let barrier = hasDigest ? evaluationBarrier : ""
    let projection: SQL =
      "SELECT \(inner.joined(by: ", ")) FROM \(table: scan.relation)\(clause(scan))\(barrier)"
    let encoding: SQL = "SELECT \(middle.joined(by: ", ")) FROM (\(projection)) p\(barrier)"
    return "SELECT \(outer.joined(by: ", ")) FROM (\(encoding)) q"
  }

  func duplicates(
    _ scan: Scan, _ columns: [CanonicalColumn], nullsAreEqual: Bool, showValues: Bool
  ) -> [SQL] {
    let names = aliases("k", columns.count)
    let inner: SQL =
      "SELECT \(projected(columns, as: "k").joined(by: ", ")) FROM \(table: scan.relation)\(clause(scan))"
    let present: SQL =
      nullsAreEqual
      ? "" : " WHERE \(names.map { "\($0) IS NOT NULL" }.joined(by: " AND "))"
    let groups: SQL =
      """
      SELECT \(names.joined(by: ", ")), COUNT(*) AS n FROM (\(inner)) p\(present) \
      GROUP BY \(names.joined(by: ", ")) HAVING COUNT(*) > 1
      """
    return totalsAndExamples(of: groups, columns: names, showValues: showValues)
  }

  func orphans(
    _ scan: Scan, _ columns: [CanonicalColumn], parent: Relation,
    _ parentColumns: [CanonicalColumn], showValues: Bool
  ) -> [SQL] {
    let names = aliases("k", columns.count)
    let parents = aliases("p", parentColumns.count)
    let child: SQL =
      "SELECT \(projected(columns, as: "k").joined(by: ", ")) FROM \(table: scan.relation)\(clause(scan))"
    let known: SQL =
      "SELECT DISTINCT \(projected(parentColumns, as: "p").joined(by: ", ")) FROM \(table: parent)"
    let match = zip(names, parents).map { "c.\($0) = d.\($1)" as SQL }.joined(by: " AND ")
    let present = names.map { "c.\($0) IS NOT NULL" as SQL }.joined(by: " AND ")
    let qualified = names.map { "c.\($0) AS \($0)" as SQL }.joined(by: ", ")
    let grouping = names.map { "c.\($0)" as SQL }.joined(by: ", ")
    let groups: SQL =
      """
      SELECT \(qualified), COUNT(*) AS n FROM (\(child)) c LEFT JOIN (\(known)) d ON \(match) \
      WHERE \(present) AND d.p0 IS NULL GROUP BY \(grouping)
      """
    return totalsAndExamples(of: groups, columns: names, showValues: showValues)
  }

  func outsiders(
    _ scan: Scan, _ column: CanonicalColumn, accepted: [String], showValues: Bool
  ) -> [SQL] {
    let inner: SQL =
      "SELECT \(canonicalText(of: column)) AS k0 FROM \(table: scan.relation)\(clause(scan))"
    let list = accepted.map { "\(literal: $0)" as SQL }.joined(by: ", ")
    let groups: SQL =
      """
      SELECT k0, COUNT(*) AS n FROM (\(inner)) p WHERE k0 IS NOT NULL \
      AND \(byteOrdered("k0")) NOT IN (\(list)) GROUP BY k0
      """
    return totalsAndExamples(of: groups, columns: ["k0"], showValues: showValues)
  }

  /// How many groups and rows, then the first ten groups by their values' bytes.
  private func totalsAndExamples(of groups: SQL, columns: [SQL], showValues: Bool) -> [SQL] {
    let totals: SQL =
      "SELECT COUNT(*) AS groups_found, COALESCE(\(exactSum("n")), 0) AS rows_found FROM (\(groups)) g"
    let order = columns.map { "\(byteOrdered($0))" as SQL }.joined(by: ", ")
    let shown = columns.map { column -> SQL in
      showValues ? column : "\(salted(column)) AS \(column)"
    }
    let examples: SQL =
      """
      SELECT \(shown.joined(by: ", ")), \(text("n")) AS n FROM \
      (SELECT \(columns.joined(by: ", ")), n FROM (\(groups)) g ORDER BY \(order) LIMIT 10) h
      """
    return [totals, examples]
  }

  /// The MD5 that a row is found and ordered by: of its key, or of the whole row without one.
  private func keyText(_ shape: RowShape) -> SQL {
    shape.key.isEmpty
      ? encoded(aliases("c", shape.columns.count)) : encoded(aliases("k", shape.key.count))
  }

  /// The digest a row is known by; salted where it could tell of a sensitive value.
  private func keyDigest(_ shape: RowShape) -> SQL {
    let columns = shape.key.isEmpty ? shape.columns : shape.key
    let isSensitive = columns.contains { shape.sensitive.contains($0.name) }
    return isSensitive ? md5("\(literal: salt) || \(keyText(shape))") : md5(keyText(shape))
  }

  private func keyed(_ scan: Scan, _ shape: RowShape) -> SQL {
    let columns =
      projected(shape.key, as: "k") + projected(shape.columns, as: "c")
      + projected(shape.streamed, as: "j")
    return
      "SELECT \(columns.joined(by: ", ")) FROM \(table: scan.relation)\(clause(scan))\(evaluationBarrier)"
  }

  func buckets(_ scan: Scan, _ shape: RowShape, count: Int) -> SQL {
    let plain = RowShape(key: shape.key, columns: shape.columns, streamed: [], sensitive: [])
    let middle: SQL =
      """
      SELECT \(bucket(of: keyText(shape), count: count)) AS b, \
      \(encoded(aliases("c", shape.columns.count))) AS r FROM (\(keyed(scan, plain))) p\
      \(evaluationBarrier)
      """
    let halves = md5Halves("r")
    return """
      SELECT \(text("b")) AS bucket, \(text("COUNT(*)")) AS row_total, \(text(exactSum(halves.low))) AS low, \
      \(text(exactSum(halves.high))) AS high FROM (\(middle)) q GROUP BY b
      """
  }

  /// Key digest, row digest, then (on request) eight digits a column, then the streamed columns.
  package func stream(_ stream: RowStream) -> SQL {
    let shape = stream.shape
    let columns = aliases("c", shape.columns.count)
    let streamed = aliases("j", shape.streamed.count)
    let digests: SQL =
      stream.withColumnDigests && !columns.isEmpty
      ? columns.map {
        "CASE WHEN \($0) IS NULL THEN '--------' ELSE SUBSTR(\(md5($0)), 1, 8) END"
      }.joined(by: " || ") : "''"
    let row: SQL = columns.isEmpty ? "''" : md5(encoded(columns))
    var fields: [SQL] = ["\(keyDigest(shape)) AS kd", "\(row) AS rd", "\(digests) AS cd"]
    fields += streamed
    var inner = keyed(stream.scan, shape)
    if let buckets = stream.buckets {
      let all = ["k", "c", "j"].enumerated().flatMap { position, prefix in
        aliases(prefix, [shape.key.count, shape.columns.count, shape.streamed.count][position])
      }
      let chosen = buckets.chosen.map(String.init).joined(separator: ", ")
      inner =
        """
        SELECT \(all.joined(by: ", ")) FROM (\(inner)) b \
        WHERE \(bucket(of: keyText(shape), count: buckets.count)) IN (\(SQL(verbatim: chosen)))
        """
    }
    let middle: SQL = "SELECT \(fields.joined(by: ", ")) FROM (\(inner)) p\(evaluationBarrier)"
    let names = ["kd", "rd", "cd"] + streamed
    return """
      SELECT \(names.joined(by: ", ")) FROM (\(middle)) q \
      ORDER BY \(byteOrdered("kd")), \(byteOrdered("rd"))
      """
  }

  /// The texts of single rows; sensitive ones as digests.
  func rows(_ scan: Scan, _ shape: RowShape, keyDigests: [String]) -> SQL {
    func shown(_ columns: [CanonicalColumn], _ prefix: String) -> [SQL] {
      zip(columns, aliases(prefix, columns.count)).map { column, alias in
        shape.sensitive.contains(column.name)
          ? "\(salted(alias)) AS \(alias)"
          : alias
      }
    }
    let digest = keyDigest(shape)
    let fields =
      ["\(digest) AS kd"] + shown(shape.key, "k") + shown(shape.columns, "c")
      + shown(shape.streamed, "j")
    let wanted = keyDigests.map { "\(literal: $0)" as SQL }.joined(by: ", ")
    return """
      SELECT \(fields.joined(by: ", ")) FROM (\(keyed(scan, shape))) p \
      WHERE \(digest) IN (\(wanted))
      """
  }
}
