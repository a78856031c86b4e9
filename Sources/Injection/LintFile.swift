/// A text to be linted, with a name to show and the way to read it.
package struct LintFile: Hashable, Sendable {
  /// How a text is read.
  package enum Kind: Hashable, Sendable {
    /// A template as it was written: a model, macro, snapshot or test of dbt.
    case dbt
    /// SQL as a database runs it: scripts, procedures, grants.
    case sql
    /// SQL that dbt made of a template, in which variables can no longer be seen.
    case compiled
    /// One hook of `dbt_project.yml`, a template of its own.
    case hook
    /// `dbt_project.yml`, or a YAML file of properties: its hooks are read, each at its place.
    case properties(isProject: Bool)
    /// A model in Python.
    case python
  }

  /// The database whose rules of quoting hold, where the caller knows it.
  package enum Dialect: Hashable, Sendable {
    case postgres, snowflake
  }

  /// The name to show, which is also the file of every place.
  package let path: String
  /// The whole text.
  package let text: String
  /// How the text is read.
  package let kind: Kind
  /// The database it is for, or nil to tell by the quotes.
  package let dialect: Dialect?
  /// The line on which the text begins in its file; 1 but for snippets.
  package let line: Int
  /// The column at which the text begins in its file; 1 but for snippets.
  package let column: Int

  package init(
    path: String, text: String, kind: Kind, dialect: Dialect? = nil, line: Int = 1, column: Int = 1
  ) {
    self.path = path
    self.text = text
    self.kind = kind
    self.dialect = dialect
    self.line = line
    self.column = column
  }
}
