/// What may be asked of one database, without dialect.
///
/// A new case is answered by every dialect, and by nothing else: the compiler shows where.
package indirect enum Question: Hashable, Sendable {
  /// Tables, columns, keys and constraints of a schema. Answer: `.schema`.
  case schema(SchemaName)
  /// Column types in full, where the schema's catalog leaves fraction digits open. `.types`.
  case columnTypes(of: Relation)
  /// Names and types of the columns that a query returns. `.columns`.
  case queryColumns(of: Relation)
  /// One number or text for each measure, from one scan. `.measures`.
  case aggregate(Scan, [Measure])
  /// How often a combination of columns occurs more than once. `.groups`.
  case duplicates(Scan, columns: [CanonicalColumn], nullsAreEqual: Bool, showValues: Bool)
  /// Rows whose reference leads nowhere. `.groups`.
  case orphans(
    Scan, columns: [CanonicalColumn], parent: Relation, parentColumns: [CanonicalColumn],
    showValues: Bool)
  /// Values outside a list, with how often each occurs. `.groups`.
  case outsiders(Scan, column: CanonicalColumn, accepted: [String], showValues: Bool)
  /// Count and digests of each bucket of rows, by key. `.buckets`.
  case buckets(Scan, RowShape, count: Int)
  /// The values of single rows, found by the digest of their key. `.rows`.
  case rows(Scan, RowShape, keyDigests: [String])
  /// Rows and fingerprints of buckets of neighbouring keys. `.fingerprints`.
  case fingerprints(Scan, FingerprintShape, KeyBuckets)
  /// What a principal has directly. `.access`.
  case access(Principal)
  /// Who holds a role directly. `.members`.
  case members(RoleName)
  /// Who may read a table by a right of their own. `.readers`.
  case readers(Relation)
  /// The parameters of the whole account. `.settings`.
  case accountParameters
  /// The lists of a network policy. `.settings`.
  case networkPolicy(Identifier)
  /// A list that the database keeps about itself. `.listing`.
  case listing(Listing)
  /// Whether a role may do something: it is tried, and nothing is changed. `.probe`.
  case probe(Probe, as: RoleName)
  /// Salted digests of each row's key and of one column's value, at most so many rows. `.rows`
  case valueDigests(Scan, key: [CanonicalColumn], value: CanonicalColumn, most: Int)
  /// A question about rows, as somebody else gets it answered: the answer of that question.
  case viewed(Question, as: Viewer)
  /// How the connection is protected; no statement is sent. `.link`.
  case link

  /// Whether only the catalog is asked: these answers are the same for every check of a run.
  package var isCatalog: Bool {
    switch self {
    case .schema, .columnTypes, .queryColumns, .access, .members, .readers, .accountParameters,
      .networkPolicy, .listing:
      true
    default: false
    }
  }

  /// The time zone of the session that the statements run in, where not UTC.
  package var zone: String? {
    if case .viewed(_, .zone(let zone)) = self { zone } else { nil }
  }

  /// The role that the statements run as, where it is not the connection's own.
  package var role: RoleName? {
    switch self {
    case .probe(_, let role), .viewed(_, .role(let role)): role
    default: nil
    }
  }
}

/// Whose answer a question wants, where not the run's own.
package enum Viewer: Hashable, Sendable {
  /// The statement runs in a session of this time zone, as the IANA names it; the rights stay the
  /// run's own.
  case zone(String)
  /// The statement runs as the role, with its rights alone.
  case role(RoleName)
  /// The run asks, and policies decide as for the role; the rights stay the run's own.
  case context(RoleName)
}

/// Rows of a relation, perhaps only some of them.
package struct Scan: Hashable, Sendable {
  package let relation: Relation
  /// The author's `where:`, checked when the spec was read.
  package let filter: String?
  /// Only rows whose key has a digest in some range.
  package let sample: Sample?

  package init(relation: Relation, filter: String? = nil, sample: Sample? = nil) {
    self.relation = relation
    self.filter = filter
    self.sample = sample
  }

  /// A part of the rows, the same on both sides and in every run.
  package struct Sample: Hashable, Sendable {
    package let key: [CanonicalColumn]
    /// Of the 2³² values that the first eight hexadecimal digits of a key's MD5 have, so many.
    package let limit: Int

    package init(key: [CanonicalColumn], percent: ExactNumber) {
      self.key = key
      limit = max(1, Int((percent.approximate / 100 * 4_294_967_296).rounded()))
    }

    /// About so many rows of so many.
    package init(key: [CanonicalColumn], about rows: Int, of all: Int) {
      self.key = key
      limit = max(1, Int((Double(rows) / Double(max(rows, all)) * 4_294_967_296).rounded()))
    }
  }
}

/// What one scan can compute besides others.
package enum Measure: Hashable, Sendable {
  /// One cell.
  case rowCount
  /// The order-free digest of all rows: two cells, sums of the low and of the next 60 bits of the
  /// MD5 of each row's encoding.
  case digest([CanonicalColumn])
  /// Rows with NULL in the column: one cell.
  case nulls(Identifier)
  /// Rows for which the predicate is false (unknown is not): one cell.
  case violations(SQL)
  /// The least value, as text: one cell.
  case minimum(Identifier)
  /// The greatest value, as text: one cell.
  case maximum(Identifier)
  /// The least value in the column's canonical form: one cell.
  case least(CanonicalColumn)
  /// The greatest value in the column's canonical form: one cell.
  case greatest(CanonicalColumn)

  /// How many cells of the answer belong to it.
  package var width: Int {
    switch self {
    case .digest: 2
    default: 1
    }
  }
}

/// Which columns identify a row, which are compared in the database, which by Parity.
package struct RowShape: Hashable, Sendable {
  /// Empty where the rows have no key: then the whole row is its own key.
  package let key: [CanonicalColumn]
  /// Compared by digests.
  package let columns: [CanonicalColumn]
  /// Streamed and compared by Parity.
  package let streamed: [CanonicalColumn]
  /// Names of columns whose values never leave the database.
  package let sensitive: Set<Identifier>

  package init(
    key: [CanonicalColumn], columns: [CanonicalColumn], streamed: [CanonicalColumn],
    sensitive: Set<Identifier>
  ) {
    self.key = key
    self.columns = columns
    self.streamed = streamed
    self.sensitive = sensitive
  }
}

/// A stream of rows in the order of their key digests, one side of a merge.
package struct RowStream: Hashable, Sendable {
  package let scan: Scan
  package let shape: RowShape
  /// Only these buckets of so many; `nil` for all rows.
  package let buckets: BucketChoice?
  /// Whether each row carries a digest of every column.
  package let withColumnDigests: Bool

  package init(scan: Scan, shape: RowShape, buckets: BucketChoice?, withColumnDigests: Bool) {
    self.scan = scan
    self.shape = shape
    self.buckets = buckets
    self.withColumnDigests = withColumnDigests
  }

  /// Some of the buckets that a table was divided into.
  package struct BucketChoice: Hashable, Sendable {
    package let count: Int
    package let chosen: [Int]

    package init(count: Int, chosen: [Int]) {
      self.count = count
      self.chosen = chosen
    }
  }
}

/// A question put to a side.
package struct Ask: Hashable, Sendable {
  package let side: Side
  package let question: Question

  package init(_ side: Side, _ question: Question) {
    self.side = side
    self.question = question
  }
}

/// The typed reply to a question.
package enum Answer: Hashable, Sendable {
  case schema(SchemaCatalog)
  case types([Identifier: ColumnType])
  /// In the order of the result.
  case columns([ColumnCatalog])
  /// Cells for each measure, in the order asked.
  case measures([[String?]])
  case groups(Groups)
  case buckets([Int: BucketDigest])
  /// Key digest, then key, columns and streamed columns as text.
  case rows([[String?]])
  /// Buckets that are not empty.
  case fingerprints([Int: BucketFingerprint])
  /// What a merge of two row streams came to.
  case merged(RowMerge.Result)
  /// What a merge of two streams in the order of their keys came to.
  case compared(KeyedMerge.Result)
  /// What comparing two results in their order came to.
  case followed(SequenceResult)
  case files(FoundFiles)
  case injection(InjectionReading)
  case timings(Timings)
  case access(DirectAccess)
  case members(RoleMembers)
  case readers(TableReaders)
  /// Values by name.
  case settings([String: String])
  case listing([ListedRow])
  case probe(ProbeResult)
  case link(LinkProtection)
  /// The database could not answer.
  case failed(DatabaseError)

  /// Combinations of values that should not be there.
  package struct Groups: Hashable, Sendable {
    /// How many combinations.
    package let count: Int
    /// How many rows hold them.
    package let rows: Int
    /// The first few as `(values, rows)`.
    package let examples: [Example]

    package init(count: Int, rows: Int, examples: [Example]) {
      self.count = count
      self.rows = rows
      self.examples = examples
    }

    package struct Example: Hashable, Sendable {
      package let values: [String?]
      package let rows: Int

      package init(values: [String?], rows: Int) {
        self.values = values
        self.rows = rows
      }
    }
  }

  /// One bucket of rows.
  package struct BucketDigest: Hashable, Sendable {
    package let rows: Int
    package let low: String
    package let high: String

    package init(rows: Int, low: String, high: String) {
      self.rows = rows
      self.low = low
      self.high = high
    }
  }
}
