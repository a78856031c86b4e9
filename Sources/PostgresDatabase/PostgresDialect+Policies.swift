import SpecCore

/// Row-level security from `pg_catalog`, which every role may read.
extension PostgresDialect {
  /// A row for each role of each policy; one row alone where there is no policy.
  func rowSecurity(_ table: Relation) -> SQL {
    """
    SELECT c.relrowsecurity AS enabled, c.relforcerowsecurity AS forced, o.rolname AS owner, \
    p.polname AS policy, p.polpermissive AS permissive, p.polcmd::text AS command, \
    CASE WHEN r.oid <> 0 THEN coalesce(x.rolname::text, r.oid::text) END AS role, \
    pg_get_expr(p.polqual, p.polrelid) AS rule \
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_roles o ON o.oid = c.relowner \
    LEFT JOIN pg_policy p ON p.polrelid = c.oid LEFT JOIN LATERAL unnest(p.polroles) AS r(oid) ON true \
    LEFT JOIN pg_roles x ON x.oid = r.oid \
    WHERE n.nspname = \(literal: table.schema.schema.name) AND c.relname = \(literal: table.name.name) \
    ORDER BY 4, 7
    """
  }
}
