import SpecCore

/// The lists that Postgres keeps about itself, from `pg_catalog`, which every role may read.
extension PostgresDialect {
  func listingStatements(for listing: Listing) -> [SQL] {
    switch listing {
    case .users, .userRoles, .adminGrants, .securityIntegrations, .passwordPolicies,
      .sessionPolicies, .networkPolicies, .externalStages, .shownStages,
      .policyReferences, .accountPolicyReferences, .policies, .audit, .recorded:
      []
    case .rowSecurity(let table): [rowSecurity(table)]
    }
  }

  func listingAnswer(
    to listing: Listing, from results: [Result<Rows, DatabaseError>]
  ) throws(DatabaseError) -> Answer {
    guard let first = results.first else {
      throw DatabaseError(.unsupported, "Postgres keeps no such list")
    }
    return .listing(try first.get().listed)
  }
}
