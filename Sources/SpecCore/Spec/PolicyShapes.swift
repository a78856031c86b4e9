import Diagnostics
import YAMLSource

extension SpecShapes {
  static var policyFields: [Field<SecuritySpec>] {
    [
      Field(
        "masking", \.masking, masking,
        "Columns of the target whose values are clear for some roles and masked for others, by "
          + "SCHEMA.TABLE.COLUMN."),
      Field(
        "row_access", \.rowAccess, rowAccess,
        "Tables of the target of which some roles see all rows and others some or none."),
    ]
  }

  // MARK: Masking

  private static var masking: Shape<[MapEntry<MaskingSpec>]> {
    Shape<[MapEntry<MaskingSpec>]>.map(of: mask).map { entries, _, diagnostics in
      for entry in entries where ColumnName(entry.name.value) == nil {
        diagnostics.append(Diagnostic(.column, at: entry.name.range))
      }
      return entries
    }
  }

  private static var mask: Shape<MaskingSpec> {
    .object(
      "a masked column", MaskingSpec.init(range:),
      fields: [
        Field(
          "policy", \.policy, policyName, required: true,
          "The masking policy that is attached to the column, such as EMAIL_MASK."),
        Field(
          "clear_for", \.clearFor, rolesOrNobody.located,
          "These roles see the true values; every other role that the spec names for the target "
            + "does not. [] for nobody."),
        Field(
          "masked_for", \.maskedFor, .list(of: .text), "Roles that must not see the true values."),
        Field(
          "also", \.also, .list(of: columnName),
          "Columns of views and copies that show the same values, for which the same must hold."),
        Field("severity", \.severity, .choice, severityMeaning),
      ],
      check: { mask, node, diagnostics in
        if mask.clearFor == nil, mask.maskedFor == nil {
          diagnostics.append(Diagnostic(.idleMask, at: node.range.opening))
        }
        for clear in mask.clearFor?.value ?? [] {
          guard let masked = mask.maskedFor?.first(where: { $0.value == clear.value }) else {
            continue
          }
          diagnostics.append(.twoWays(masked, clear))
        }
      })
  }

  /// An empty list says something too: nobody.
  private static var rolesOrNobody: Shape<[Located<String>]> {
    let list = Shape<[Located<String>]>.list(of: .text)
    let schema: JSONValue = [
      "type": "array", "items": ["type": "string", "minLength": 1], "uniqueItems": true,
    ]
    return Shape(schema: schema) { node, diagnostics in
      if case .sequence(let nodes) = node.content, nodes.isEmpty { return [] }
      return list.read(node, &diagnostics)
    }
  }

  private static var policyName: Shape<Located<QualifiedName>> {
    Shape<String>.text(
      like: namePattern, called: "the name of a policy, such as EMAIL_MASK or SHOP.RULES.EMAIL_MASK"
    ) { QualifiedName($0) != nil }
    .map { text, node, _ in QualifiedName(text).map { Located($0, at: node.range) } }
  }

  private static var columnName: Shape<ColumnName> {
    Shape<String>.text(
      like: #"^[^.].*\..*[^.]$"#, called: "a column with its table, such as SHOP.PUBLIC.V.EMAIL"
    ) { ColumnName($0) != nil }
    .map { text, _, _ in ColumnName(text) }
  }

  // MARK: Row access

  private static var rowAccess: Shape<[MapEntry<RowAccessSpec>]> {
    Shape<[MapEntry<RowAccessSpec>]>.map(of: rows).map { entries, _, diagnostics in
      for entry in entries where QualifiedName(entry.name.value) == nil {
        diagnostics.append(Diagnostic(.table, at: entry.name.range))
      }
      return entries
    }
  }

  private static var rows: Shape<RowAccessSpec> {
    .object(
      "a table with row access", RowAccessSpec.init(range:),
      fields: [
        Field(
          "policy", \.policy, policyName, required: true,
          "The row access policy that is attached to the table, such as REGION_ROWS."),
        Field(
          "columns", \.columns, .list(of: .text),
          "The columns that the policy is given, in its order."),
        Field("sees_all", \.seesAll, .list(of: .text), "Roles that see every row."),
        Field(
          "sees", \.sees, .map(of: predicate),
          "Roles with the condition of the rows that they see, in the target's SQL: exactly these "
            + "rows, and not all."),
        Field("sees_nothing", \.seesNothing, .list(of: .text), "Roles that see no row."),
        Field("severity", \.severity, .choice, severityMeaning),
      ],
      check: { rows, node, diagnostics in
        if rows.roles.isEmpty {
          diagnostics.append(Diagnostic(.idleRows, at: node.range.opening))
        }
        var seen: [String: Located<String>] = [:]
        for role in rows.roles {
          if let first = seen[role.value] {
            diagnostics.append(.twoWays(role, first))
          } else {
            seen[role.value] = role
          }
        }
      })
  }
}

extension Diagnostic {
  fileprivate static func twoWays(_ role: Located<String>, _ other: Located<String>) -> Self {
    Diagnostic(
      Message(
        "E0111", "\(role.value) cannot see the values or rows in two ways", label: "named here too"
      ), at: role.range,
      related: [Diagnostic.Related(range: other.range, text: "named here")])
  }
}

extension Diagnostic.Message {
  fileprivate static let idleMask = Self(
    "E0108", "a masked column needs `clear_for` or `masked_for`",
    label: "nothing says who sees the values")

  fileprivate static let idleRows = Self(
    "E0108", "a table with row access needs `sees_all`, `sees` or `sees_nothing`",
    label: "nothing says who sees which rows")

  fileprivate static let column = Self(
    "E0104", "expected a column with its table", label: "such as `SHOP.PUBLIC.CUSTOMERS.EMAIL`")

  fileprivate static let table = Self(
    "E0104", "expected a table's name", label: "such as `SHOP.PUBLIC.ORDERS`")
}
