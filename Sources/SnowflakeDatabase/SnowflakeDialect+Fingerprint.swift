package import SpecCore

extension SnowflakeDialect {
  package var family: String { "snowflake" }

  package var foldsToCapitals: Bool { true }

  /// From the metadata of micro-partitions, as are least and greatest keys.
  package var countsAtOnce: Bool { true }

  package func hasNativeForm(_ type: LogicalType) -> Bool { false }

  package func digestValue(of column: CanonicalColumn, as form: DigestForm) -> SQL {
    switch form {
    case .canonical, .native: return canonicalText(of: column)
    case .fixed(let scale):
      // A fixed-point number prints exactly its scale.
      if case .decimal(_, scale) = column.type { return "TO_VARCHAR(\(column.name))" }
      return "TO_VARCHAR(CAST(\(column.name) AS NUMBER(38,\(scale))))"
    }
  }

  package func joinedDigest(_ value: SQL, isNative: Bool, order: [SQL]) -> SQL {
    let marks = DigestMarks(seed: seed)
    return """
      SUBSTR(MD5(\(literal: marks.separator) || LISTAGG(COALESCE(\(value), \(literal: marks.null)), \
      \(literal: marks.separator)) WITHIN GROUP (ORDER BY \(order.joined(by: ", ")))), 1, 16)
      """
  }

  package func bucketStart(of key: SQL, in grid: KeyGrid) -> SQL {
    "(\(key) - \(grid.lower) - MOD(\(key) - \(grid.lower), \(grid.width)))"
  }

  package func fingerprints(
    _ scan: Scan, _ shape: FingerprintShape, _ buckets: KeyBuckets, in grid: KeyGrid
  ) -> SQL { groupedFingerprints(scan, shape, buckets, in: grid) }

  package func rows(_ stream: KeyedStream, in grid: KeyGrid) -> SQL { groupedRows(stream) }
}
