extension Dialect {
  /// Databases whose policies decide for whoever asks, and for nobody else.
  package func simulated(_ query: SQL, as role: RoleName) -> SQL? { nil }

  /// Digests of key and value under the run's salt: equal for equal values on both sides and for
  /// every reader, and of no use to whoever has the report.
  func valueDigests(
    _ scan: Scan, key: [CanonicalColumn], value: CanonicalColumn, most: Int
  ) -> SQL {
    let names = key.indices.map { SQL(verbatim: "k\($0)") }
    let inner =
      zip(key, names).map { "\(canonicalText(of: $0)) AS \($1)" as SQL }
      + ["\(canonicalText(of: value)) AS c0"]
    let digest: SQL =
      names.isEmpty ? "''" : md5("\(literal: salt) || \(encoded(names))")
    return """
      SELECT \(digest) AS kd, \
      CASE WHEN c0 IS NULL THEN NULL ELSE \(md5("\(literal: salt) || c0")) END AS vd \
      FROM (SELECT \(inner.joined(by: ", ")) FROM \(table: scan.relation)\(clause(scan))\
      \(evaluationBarrier)) p LIMIT \(most)
      """
  }
}

extension DatabaseError {
  static let noSimulation = DatabaseError(
    .unsupported, "this database cannot say what a policy would give another role")
}
