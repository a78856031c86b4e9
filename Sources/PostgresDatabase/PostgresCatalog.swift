package import SpecCore

/// Reading `pg_catalog`: it shows every object whatever the role may read, which
/// `information_schema` does not.
extension PostgresDialect {
  package func catalogStatements(for question: Question) -> [SQL] {
    if case .listing(let listing) = question { return listingStatements(for: listing) }
    guard case .schema(let name) = question else { return accessStatements(for: question) }
    let schema: SQL = "\(literal: name.schema.name)"
    return [
      schemaStatement(schema), tables(schema), columns(schema), constraints(schema),
      indexes(schema),
    ]
  }

  private func schemaStatement(_ schema: SQL) -> SQL {
    """
    SELECT has_schema_privilege(oid, 'USAGE') AS usable FROM pg_namespace WHERE nspname = \(schema)
    """
  }

  private func tables(_ schema: SQL) -> SQL {
    """
    SELECT c.relname, c.relkind, c.relispartition, \
    CASE WHEN c.relkind IN ('r', 'm') THEN CASE WHEN c.reltuples >= 0 AND c.relpages > 0 \
    THEN ceil(c.reltuples::float8 / c.relpages * pg_relation_size(c.oid) \
    / current_setting('block_size')::integer)::bigint \
    ELSE pg_relation_size(c.oid) / 64 END \
    WHEN c.reltuples >= 0 THEN c.reltuples::bigint END AS estimate \
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
    WHERE n.nspname = \(schema) AND c.relkind IN ('r', 'p', 'v', 'm', 'f') ORDER BY c.relname
    """
  }

  private func columns(_ schema: SQL) -> SQL {
    """
    SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod) AS declared, b.typname AS base, \
    b.modifier, CASE WHEN b.typcategory = 'A' THEN (SELECT e.typname FROM pg_type e WHERE e.oid = b.typelem) END AS element, \
    (SELECT to_json(array_agg(l.enumlabel ORDER BY l.enumsortorder))::text FROM pg_enum l WHERE l.enumtypid = b.oid) AS labels, \
    b.typtype = 'c' AS composite, a.attnotnull OR b.required AS required, \
    pg_get_expr(d.adbin, d.adrelid) AS default_expression, a.attgenerated <> '' AS generated, \
    a.attidentity <> '' OR coalesce(pg_get_expr(d.adbin, d.adrelid), '') LIKE 'nextval(%' AS identity, \
    s.seqstart::text AS start, s.seqincrement::text AS increment, \
    has_column_privilege(c.oid, a.attnum, 'SELECT') AS readable, \(nextValue) AS next_value \
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
    LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum \
    LEFT JOIN pg_sequence s ON s.seqrelid = \(sequence) \
    CROSS JOIN LATERAL (WITH RECURSIVE r AS (\
    SELECT t.oid, t.typname, t.typtype, t.typbasetype, t.typelem, t.typcategory, t.typtypmod, \
    a.atttypmod AS modifier, t.typtype = 'd' AND t.typnotnull AS required \
    FROM pg_type t WHERE t.oid = a.atttypid UNION ALL \
    SELECT t.oid, t.typname, t.typtype, t.typbasetype, t.typelem, t.typcategory, t.typtypmod, \
    r.typtypmod, r.required OR (t.typtype = 'd' AND t.typnotnull) \
    FROM r JOIN pg_type t ON t.oid = r.typbasetype WHERE r.typtype = 'd') \
    SELECT * FROM r WHERE typtype <> 'd') b \
    WHERE n.nspname = \(schema) AND c.relkind IN ('r', 'p', 'v', 'm', 'f') ORDER BY c.relname, a.attnum
    """
  }

  /// The sequence of an identity column, else the one that the default takes its values from.
  private var sequence: SQL {
    """
    coalesce((SELECT o.objid FROM pg_depend o JOIN pg_class q ON q.oid = o.objid AND q.relkind = 'S' \
    WHERE o.classid = 'pg_class'::regclass AND o.refclassid = 'pg_class'::regclass \
    AND o.refobjid = c.oid AND o.refobjsubid = a.attnum AND o.deptype = 'i' LIMIT 1), \
    (SELECT o.refobjid FROM pg_depend o JOIN pg_class q ON q.oid = o.refobjid AND q.relkind = 'S' \
    WHERE o.classid = 'pg_attrdef'::regclass AND o.objid = d.oid \
    AND o.refclassid = 'pg_class'::regclass LIMIT 1))
    """
  }

  /// What the sequence `s` gives next, where the role may read it: the catalog tells its last value
  /// only after it was called, the sequence itself always.
  private var nextValue: SQL {
    """
    CASE WHEN has_sequence_privilege(s.seqrelid, 'SELECT') THEN substring(query_to_xml(format(\
    'SELECT last_value::numeric + CASE WHEN is_called THEN %s ELSE 0 END AS next FROM %s', \
    s.seqincrement, s.seqrelid::regclass), false, false, '')::text FROM '<next>(-?[0-9]+)</next>') END
    """
  }

  /// Names of the columns with these numbers, in order, as JSON.
  private func names(_ numbers: SQL, of table: SQL) -> SQL {
    """
    (SELECT to_json(array_agg(x.attname ORDER BY u.position))::text FROM unnest(\(numbers)) \
    WITH ORDINALITY u(number, position) JOIN pg_attribute x ON x.attrelid = \(table) AND x.attnum = u.number)
    """
  }

  private func constraints(_ schema: SQL) -> SQL {
    """
    SELECT c.relname, k.conname, k.contype::text, k.convalidated, \
    \(names("k.conkey", of: "k.conrelid")) AS columns, pn.nspname AS parent_schema, \
    p.relname AS parent, \(names("k.confkey", of: "k.confrelid")) AS parent_columns, \
    pg_get_expr(k.conbin, k.conrelid) AS expression, \
    coalesce(to_jsonb(i) ->> 'indnullsnotdistinct', 'false') AS nulls_equal \
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid \
    JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_index i ON i.indexrelid = k.conindid \
    LEFT JOIN pg_class p ON p.oid = k.confrelid LEFT JOIN pg_namespace pn ON pn.oid = p.relnamespace \
    WHERE n.nspname = \(schema) AND k.contype IN ('p', 'u', 'f', 'c') \
    UNION ALL SELECT c.relname, k.conname, 'c', k.convalidated, to_json(ARRAY[a.attname])::text, \
    NULL, NULL, NULL, regexp_replace(pg_get_expr(k.conbin, 0), '\\mVALUE\\M', quote_ident(a.attname), 'g'), 'false' \
    FROM pg_constraint k JOIN pg_attribute a ON a.atttypid = k.contypid AND a.attnum > 0 AND NOT a.attisdropped \
    JOIN pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p') \
    JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = \(schema) AND k.contype = 'c' \
    ORDER BY 1, 3, 2
    """
  }

  /// Unique indexes that back no constraint; expression indexes have no columns.
  private func indexes(_ schema: SQL) -> SQL {
    """
    SELECT c.relname, x.relname AS name, CASE WHEN i.indexprs IS NULL THEN \
    \(names("(string_to_array(i.indkey::text, ' ')::int2[])[1:i.indnkeyatts]", of: "i.indrelid")) END AS columns, \
    pg_get_expr(i.indpred, i.indrelid) AS predicate, \
    coalesce(to_jsonb(i) ->> 'indnullsnotdistinct', 'false') AS nulls_equal \
    FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_class x ON x.oid = i.indexrelid \
    JOIN pg_namespace n ON n.oid = c.relnamespace \
    WHERE n.nspname = \(schema) AND i.indisunique AND i.indisvalid AND c.relkind IN ('r', 'p', 'm') \
    AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u')) \
    ORDER BY 1, 2
    """
  }

  package func catalogAnswer(
    to question: Question, from results: [Result<Rows, DatabaseError>]
  ) throws(DatabaseError) -> Answer {
    switch question {
    case .access, .members, .readers, .accountParameters, .networkPolicy:
      return try accessAnswer(to: question, from: results)
    case .listing(let listing): return try listingAnswer(to: listing, from: results)
    default: break
    }
    guard case .schema(let name) = question, results.count == 5 else { return .types([:]) }
    let schema = try results[0].get()
    guard let usable = schema.cells.first?.first else {
      return .schema(SchemaCatalog(name: name, isVisible: false, tables: []))
    }
    guard usable == "t" else {
      throw DatabaseError(
        .permissionDenied, "permission denied for schema \(name)",
        hint: "GRANT USAGE ON SCHEMA \(name) TO the role that runs parity", code: "42501")
    }
    let reader = PostgresCatalogReader(schema: name)
    return .schema(
      SchemaCatalog(
        name: name, isVisible: true,
        tables: try reader.tables(
          try results[1].get(), columns: try results[2].get(), constraints: try results[3].get(),
          indexes: try results[4].get())))
  }
}
