import SpecCore
import TestSupport
import Testing

/// `constraints`: what must be there, what must hold, and what cannot be told.
@Suite struct ConstraintTests {
  /// Puts `orders` with constraints of its own into both sides.
  struct Change {
    var source = Migration.table(.source, "orders", Migration.sourceColumns)
    var target = Migration.table(.target, "ORDERS", Migration.targetColumns)
    var sourceGaps: [SchemaCatalog.CatalogGap] = []
    var targetGaps: [SchemaCatalog.CatalogGap] = []

    func apply(_ migration: inout Migration) {
      let customers = [Migration.column("id", "integer", .integer(digits: 10), isNullable: false)]
      let CUSTOMERS = [Migration.column("ID", "NUMBER", .integer(digits: 38), isNullable: false)]
      migration.set(
        .source, [source, Migration.table(.source, "customers", customers)], gaps: sourceGaps)
      migration.set(
        .target, [target, Migration.table(.target, "CUSTOMERS", CUSTOMERS)], gaps: targetGaps)
      let relation = Relation(schema: Migration.targetSchema, name: Identifier("CUSTOMERS"))
      migration.target.rows[relation] = [["1"], ["2"], ["3"]]
    }
  }

  private static func key(_ columns: String..., where predicate: String? = nil) -> KeyCatalog {
    KeyCatalog(
      name: "k", columns: columns.map { Identifier($0) }, predicate: predicate)
  }

  private static func table(
    _ side: Side, hasKey: Bool = true, unique: [KeyCatalog] = [],
    foreign: [ForeignKeyCatalog] = [], checks: [String] = [], columns: [ColumnCatalog]? = nil
  ) -> TableCatalog {
    Migration.table(
      side, side == .source ? "orders" : "ORDERS",
      columns ?? (side == .source ? Migration.sourceColumns : Migration.targetColumns),
      hasKey: hasKey, uniqueKeys: unique, foreignKeys: foreign,
      checks: checks.enumerated().map { number, expression in
        CheckCatalog(name: "rule_\(side.rawValue)_\(number)", expression: expression)
      })
  }

  private static func change(
    _ edit: @escaping @Sendable (inout Change) -> Void,
    then more: @escaping @Sendable (inout Migration) -> Void = { _ in }
  ) -> @Sendable (inout Migration) -> Void {
    { migration in
      var change = Change()
      edit(&change)
      change.apply(&migration)
      more(&migration)
    }
  }

  static let keys = [
    VerdictCase("kept", "constraints", .passed, "1 constraint kept and proved"),
    VerdictCase(
      "none", "constraints", .passed, "the source has none",
      change {
        $0.source = table(.source, hasKey: false)
      }),
    VerdictCase(
      "primary key lost", "constraints", .failed, "primary key (id) is lost",
      change {
        $0.target = table(.target, hasKey: false)
      }),
    VerdictCase(
      "primary key lost, excused", "constraints", .passed, "",
      change(
        {
          $0.target = table(.target, hasKey: false)
        },
        then: {
          $0.tables = "orders: { constraints: { except: [primary_key], because: not supported } }"
        })),
    VerdictCase(
      "primary key broken", "constraints", .failed, "1 value more than once",
      change(
        { _ in },
        then: {
          $0.target.rows[Migration.ORDERS]?.append(["3", nil, nil])
        })),
    VerdictCase(
      "NULL in the primary key", "constraints", .failed, "id is NULL although",
      change(
        { _ in },
        then: {
          $0.target.rows[Migration.ORDERS]?.append([nil, nil, nil])
        })),
    VerdictCase(
      "unique key lost", "constraints", .failed, "unique key (email) is lost",
      change {
        $0.source = table(.source, unique: [key("email")])
      }),
    VerdictCase(
      "unique key became the primary one", "constraints", .passed, "",
      change {
        $0.source = table(.source, hasKey: false, unique: [key("id")])
      }),
    VerdictCase(
      "unique key broken", "constraints", .failed, "a@example.com",
      change(
        {
          $0.source = table(.source, unique: [key("email")])
          $0.target = table(.target, unique: [key("EMAIL")])
        }, then: { $0.target.rows[Migration.ORDERS]?[1][1] = "a@example.com" })),
    VerdictCase(
      "over an expression", "constraints", .errored, "over an expression",
      change {
        $0.source = table(.source, unique: [key()])
      }),
    VerdictCase(
      "partial", "constraints", .passed, "",
      change {
        $0.source = table(.source, unique: [key("email", where: "(amount > (0)::numeric)")])
      }),
    VerdictCase(
      "partial, not to be said", "constraints", .errored, "cannot be put to the target",
      change {
        $0.source = table(.source, unique: [key("email", where: "(f(amount) > 0)")])
      }),
    VerdictCase(
      "column of a key missing", "constraints", .failed, "a column of it is missing",
      change {
        $0.source = table(.source, unique: [key("amount")])
        $0.target = table(.target, columns: Array(Migration.targetColumns.prefix(2)))
      }),
    VerdictCase(
      "target's keys unknown", "constraints", .errored, "catalog_gap",
      change {
        $0.targetGaps = [SchemaCatalog.CatalogGap(part: .keys, reason: "denied")]
      }),
    VerdictCase(
      "source's keys unknown", "constraints", .errored, "denied",
      change {
        $0.source = table(.source, hasKey: false)
        $0.sourceGaps = [SchemaCatalog.CatalogGap(part: .keys, reason: "denied")]
      }),
  ]

  private static let foreign = ForeignKeyCatalog(
    name: "f", columns: [Identifier("id")],
    parent: Relation(schema: Migration.sourceSchema, name: Identifier("customers")),
    parentColumns: [Identifier("id")])
  private static let FOREIGN = ForeignKeyCatalog(
    name: "F", columns: [Identifier("ID")],
    parent: Relation(schema: Migration.targetSchema, name: Identifier("CUSTOMERS")),
    parentColumns: [Identifier("ID")])

  private static let linked: @Sendable (inout Change) -> Void = {
    $0.source = table(.source, foreign: [foreign])
    $0.target = table(.target, foreign: [FOREIGN])
  }

  static let foreignKeys = [
    VerdictCase("kept", "constraints", .passed, "2 constraints", change(linked)),
    VerdictCase(
      "lost", "constraints", .failed, "foreign key (id) to customers (id) is lost",
      change {
        $0.source = table(.source, foreign: [foreign])
      }),
    VerdictCase(
      "lost, excused", "constraints", .passed, "",
      change(
        {
          $0.source = table(.source, foreign: [foreign])
        },
        then: {
          $0.tables = "orders: { constraints: { except: [foreign_key], because: not supported } }"
        })),
    VerdictCase(
      "orphans", "constraints", .failed, "1 row in the target without a row in customers: 4",
      change(linked, then: { $0.target.rows[Migration.ORDERS]?.append(["4", nil, nil]) })),
    VerdictCase(
      "parent missing", "constraints", .failed, "customers is not in the target",
      change(
        linked,
        then: {
          $0.set(.target, [table(.target, foreign: [FOREIGN])])
        })),
    VerdictCase(
      "parent column missing", "constraints", .failed, "is lost",
      change(
        linked,
        then: {
          let other = [Migration.column("NUMBER", "NUMBER", .integer(digits: 38))]
          $0.set(.target, [table(.target), Migration.table(.target, "CUSTOMERS", other)])
        })),
    VerdictCase(
      "target's foreign keys unknown", "constraints", .errored, "catalog_gap",
      change {
        linked(&$0)
        $0.targetGaps = [SchemaCatalog.CatalogGap(part: .foreignKeys, reason: "denied")]
      }),
    VerdictCase(
      "source's foreign keys unknown", "constraints", .errored, "denied",
      change {
        $0.sourceGaps = [SchemaCatalog.CatalogGap(part: .foreignKeys, reason: "denied")]
      }),
    VerdictCase(
      "parent's schema not visible", "constraints", .errored, "",
      change(
        linked,
        then: {
          $0.tables = "orders:\ncustomers: { target: other.customers }"
        })),
    VerdictCase(
      "parent ambiguous", "constraints", .errored, "",
      change(
        linked,
        then: {
          let columns = [Migration.column("ID", "NUMBER", .integer(digits: 38))]
          $0.set(
            .target,
            [
              table(.target, foreign: [FOREIGN]), Migration.table(.target, "CUSTOMERS", columns),
              Migration.table(.target, "customers", columns),
            ])
        })),
  ]

  static let rules = [
    VerdictCase(
      "text compared by order", "constraints", .errored, "was not proved",
      change {
        $0.source = table(.source, checks: ["((email)::text < (email)::text)"])
      }),
    VerdictCase(
      "digits of a number compared as text", "constraints", .errored, "was not proved",
      change {
        $0.source = table(.source, checks: ["((amount)::text <> '5'::text)"])
      }),
    VerdictCase(
      "the same name, another rule", "constraints", .failed, "became (AMOUNT > 1)",
      change {
        $0.source = Migration.table(
          .source, "orders", Migration.sourceColumns,
          checks: [CheckCatalog(name: "rule", expression: "(amount > (0)::numeric)")])
        $0.target = Migration.table(
          .target, "ORDERS", Migration.targetColumns,
          checks: [CheckCatalog(name: "RULE", expression: "AMOUNT > 1")])
      }),
    VerdictCase(
      "kept, with a cast to text", "constraints", .passed, "2 constraints",
      change {
        $0.source = table(.source, checks: ["((email)::text <> 'x'::text)"])
        $0.target = table(.target, checks: ["EMAIL <> 'x'"])
      }),
    VerdictCase(
      "kept", "constraints", .passed, "2 constraints",
      change {
        $0.source = table(.source, checks: ["(amount >= (0)::numeric)"])
        $0.target = table(.target, checks: ["AMOUNT >= 0"])
      }),
    VerdictCase(
      "lost", "constraints", .failed, "is lost in the target",
      change {
        $0.source = table(.source, checks: ["(amount >= (0)::numeric)"])
        $0.target = table(.target, checks: ["AMOUNT > 0"])
      }),
    VerdictCase(
      "broken", "constraints", .failed, "2 rows in the target: break CHECK",
      change(
        {
          $0.source = table(.source, checks: ["(amount >= (0)::numeric)"])
          $0.target = table(.target, checks: ["AMOUNT >= 0"])
        }, then: { $0.target.violations = 2 })),
    VerdictCase(
      "not to be said", "constraints", .errored, "was not proved",
      change {
        $0.source = table(.source, checks: ["(amount / (2)::numeric) > (1)::numeric"])
      }),
    VerdictCase(
      "NULL for a count", "constraints", .errored, "not a number",
      change(
        {
          $0.source = table(.source, hasKey: false, checks: ["(amount >= (0)::numeric)"])
          $0.target = table(.target, checks: ["AMOUNT >= 0"])
        },
        then: {
          $0.target.override = { if case .aggregate = $0 { .measures([[nil]]) } else { nil } }
        })),
    VerdictCase(
      "target's rules unknown", "constraints", .errored, "catalog_gap",
      change {
        $0.source = table(.source, checks: ["(amount >= (0)::numeric)"])
        $0.targetGaps = [SchemaCatalog.CatalogGap(part: .checks, reason: "denied")]
      }),
    VerdictCase(
      "source's rules unknown", "constraints", .errored, "denied",
      change {
        $0.sourceGaps = [SchemaCatalog.CatalogGap(part: .checks, reason: "denied")]
      }),
  ]

  @Test(arguments: keys + foreignKeys + rules)
  func verdict(_ each: VerdictCase) throws { try each.verify() }
}
