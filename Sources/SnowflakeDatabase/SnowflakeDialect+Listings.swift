import SpecCore

/// The lists of the account.
///
/// Views of SNOWFLAKE.ACCOUNT_USAGE are as late as their pages say, and seen by holders of IMPORTED
/// PRIVILEGES on that database or of the database role that covers the view.
extension SnowflakeDialect {
  func listingStatements(for listing: Listing) -> [SQL] {
    switch listing {
    case .users:
      [
        """
        SELECT NAME, TYPE, EMAIL, DISABLED::BOOLEAN AS DISABLED, HAS_PASSWORD, HAS_MFA, \
        HAS_RSA_PUBLIC_KEY, DEFAULT_ROLE, DEFAULT_SECONDARY_ROLE, \
        DATE_PART('epoch_second', LAST_SUCCESS_LOGIN) AS LAST_LOGIN, \
        DATE_PART('epoch_second', CREATED_ON) AS CREATED \
        FROM SNOWFLAKE.ACCOUNT_USAGE.USERS WHERE DELETED_ON IS NULL
        """
      ]
    case .audit(let audit): auditStatements(audit)
    case .recorded(let view, let window): [recordedStatement(view, window)]
    }
  }

  func listingAnswer(
    to listing: Listing, from results: [Result<Rows, DatabaseError>]
  ) throws(DatabaseError) -> Answer {
    guard let first = results.first else {
      throw DatabaseError(.unsupported, "Snowflake keeps no such list")
    }
    switch first {
    case .success(let rows): return .listing(rows.listed)
    case .failure(var error):
      if [.permissionDenied, .missingObject].contains(error.kind) {
        error.hint = listing.grantThatHelps
      }
      throw error
    }
  }
}

extension Listing {
  /// What lets the run's role see the list.
  fileprivate var grantThatHelps: String {
    switch self {
    case .users:
      "GRANT IMPORTED PRIVILEGES ON DATABASE SNOWFLAKE TO ROLE of the run, for its time, or "
        + "GRANT DATABASE ROLE SNOWFLAKE.SECURITY_VIEWER"
    case .audit(let audit): audit.grantThatHelps
    case .recorded(let view, _): view.grantThatHelps
    }
  }
}
