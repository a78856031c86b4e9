/// How to reach a PostgreSQL server and how to behave there; secrets stand in `url` only.
package struct PostgresOptions: Sendable {
  /// `postgres://…`, `postgresql://…` or `key=value …`; `nil` leaves all to libpq's variables.
  package var url: String?
  /// The schema the spec means; the dialect's business, for `search_path` stays empty.
  package var schema: String?
  /// Wins over the URL's and the environment's.
  package var sslmode: String?
  /// The file with the certificates of trusted authorities; wins over the URL's.
  package var sslrootcert: String?
  /// The longest a statement may run, in seconds; `nil` leaves the server's own limit.
  package var statementTimeout: Double?
  /// Remarks for every report on how the address was learnt.
  package var notes: [String]
  /// What the server's activity views call us: the run's id.
  package var applicationName: String
  /// The most connections to open, at least one.
  package var jobs: Int
  /// The process's variables, to find out what was said and to word messages; libpq reads its own.
  package var environment: [String: String]

  package init(
    url: String?, schema: String? = nil, sslmode: String? = nil, sslrootcert: String? = nil,
    statementTimeout: Double? = nil, notes: [String] = [], applicationName: String = "parity",
    jobs: Int = 1,
    environment: [String: String] = [:]
  ) {
    self.url = url
    self.schema = schema
    self.sslmode = sslmode
    self.sslrootcert = sslrootcert
    self.statementTimeout = statementTimeout
    self.notes = notes
    self.applicationName = applicationName
    self.jobs = jobs
    self.environment = environment
  }
}
