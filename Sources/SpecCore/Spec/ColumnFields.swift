import Diagnostics
import YAMLSource

/// The fields of one column as they are written; becomes a `ColumnSpec` with its name.
struct ColumnFields: Sendable {
  var type: Located<String>?
  var notNull: Located<Bool>?
  var unique: Located<Bool>?
  var acceptedValues: Located<[String]>?
  var references: Located<ColumnReference>?
  var renamedFrom: Located<String>?
  var onlyIn: Located<Side>?
  var because: String?
  var severity: CaseSeverity?
  var options = ColumnOptions()

  func column(named name: Located<String>) -> ColumnSpec {
    ColumnSpec(
      name: name, type: type, notNull: notNull, unique: unique, acceptedValues: acceptedValues,
      references: references, renamedFrom: renamedFrom, onlyIn: onlyIn, because: because,
      severity: severity, options: options)
  }

  static var shape: Shape<ColumnFields> {
    .object(
      "a column", { _ in ColumnFields() },
      fields: [
        Field("type", \.type, Shape<String>.text.located, "The type in the target, exactly."),
        Field("not_null", \.notNull, Shape<Bool>.flag.located, "Whether NULL is forbidden."),
        Field("unique", \.unique, Shape<Bool>.flag.located, "Whether no value occurs twice."),
        Field(
          "accepted_values", \.acceptedValues,
          Shape<[Located<String>]>.list(of: .scalar).map { values, _, _ in values.map(\.value) }
            .located,
          "The only values that may occur, besides NULL."),
        Field(
          "references", \.references, reference.located,
          "Every value is found in this column of another table: customers.id."),
        Field(
          "renamed_from", \.renamedFrom, Shape<String>.text.located,
          "The column's name in Postgres; the name above is the target's."),
        Field(
          "only_in", \.onlyIn, Shape<Side>.choice.located,
          "The column is on one side only, on purpose; say why with `because`."),
      ] + SpecShapes.comparisonFields + [
        Field("because", \.because, SpecShapes.reason, SpecShapes.becauseMeaning),
        Field("severity", \.severity, .choice, SpecShapes.severityMeaning),
      ], check: check)
  }

  static func check(
    _ column: ColumnFields, _ node: Node, _ diagnostics: inout [Diagnostic]
  ) {
    if column.because == nil {
      let loosened =
        column.options.tolerance?.range
        ?? column.options.comparison.flatMap {
          [.caseInsensitive, .normalized].contains($0.value) ? $0.range : nil
        }
      if let loosened { diagnostics.append(Diagnostic(.whyLoosened, at: loosened)) }
    }
    guard let onlyIn = column.onlyIn else { return }
    if column.because == nil { diagnostics.append(Diagnostic(.reasonNeeded, at: onlyIn.range)) }
    let related = [Diagnostic.Related(range: onlyIn.range, text: "on one side only")]
    if let renamed = column.renamedFrom {
      diagnostics.append(Diagnostic(.contradiction, at: renamed.range, related: related))
    }
    for option in column.options.written {
      diagnostics.append(Diagnostic(.nothingToCompare, at: option.range, related: related))
    }
  }

  private static var reference: Shape<ColumnReference> {
    Shape<String>.text(
      like: #"^[^.]+(\.[^.]+){1,3}$"#, called: "a column of another table, such as `customers.id`"
    ) { parsed($0) != nil }.map { text, _, _ in parsed(text) }
  }

  private static func parsed(_ text: String) -> ColumnReference? {
    guard let dot = text.lastIndex(of: "."), let table = QualifiedName(String(text[..<dot])) else {
      return nil
    }
    let column = String(text[text.index(after: dot)...])
    return column.isEmpty ? nil : ColumnReference(table: table, column: column)
  }
}

extension Diagnostic.Message {
  fileprivate static let reasonNeeded = Self(
    "E0110", "`only_in` needs a reason", label: "add `because:` for whoever signs")

  fileprivate static let whyLoosened = Self(
    "E0110", "values that may differ need a reason", label: "add `because:` to the column")

  fileprivate static let nothingToCompare = Self(
    "E0111", "a column that is on one side only has nothing to compare", label: "take this out")

  fileprivate static let contradiction = Self(
    "E0111", "a column that is on one side only cannot have been renamed", label: "take one out")
}
