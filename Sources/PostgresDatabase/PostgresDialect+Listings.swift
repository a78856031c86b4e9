import SpecCore

/// The lists that Postgres keeps about itself, from `pg_catalog`, which every role may read.
extension PostgresDialect {
  func listingStatements(for listing: Listing) -> [SQL] {
    switch listing {
    case .users, .userRoles, .adminGrants, .securityIntegrations, .passwordPolicies,
      .sessionPolicies, .networkPolicies, .externalStages, .shownStages,
      .policyReferences, .accountPolicyReferences, .policies, .audit, .recorded, .lastAltered:
      []
    case .viewBases(let view): [bases(of: view)]
    case .rowSecurity(let table): [rowSecurity(table)]
    }
  }

  /// The rewrite rule of a view depends on what the view reads.
  private func bases(of view: Relation) -> SQL {
    """
    SELECT DISTINCT n.nspname AS schema, b.relname AS name, \
    CASE WHEN b.relkind IN ('v', 'm') THEN 'view' WHEN b.relkind IN ('r', 'p', 'f') THEN 'table' \
    ELSE 'other' END AS kind \
    FROM pg_class v JOIN pg_namespace s ON s.oid = v.relnamespace \
    JOIN pg_rewrite r ON r.ev_class = v.oid \
    JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid \
    AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> v.oid \
    JOIN pg_class b ON b.oid = d.refobjid JOIN pg_namespace n ON n.oid = b.relnamespace \
    WHERE s.nspname = \(literal: view.schema.schema.name) AND v.relname = \(literal: view.name.name) \
    ORDER BY 1, 2
    """
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
