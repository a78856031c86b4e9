/// Where a value may come from, as far as that makes it dangerous.
struct Taint {
  /// The origins that matter, of which a value may have several.
  struct Origins: OptionSet {
    let rawValue: UInt8

    /// `var()` or `env_var()`: whoever starts a run decides.
    static let variable = Self(rawValue: 1)
    /// The result of a query: whoever writes data decides.
    static let query = Self(rawValue: 2)
    /// The distinct values of one column, which are few and known where the column is a list.
    static let listed = Self(rawValue: 4)
  }

  /// What the value may come from.
  var origins: Origins = []
  /// The parameters of the macro around it that it may come from, a bit for each.
  var parameters: UInt64 = 0
  /// Whether quotes in it are doubled, so that it is safe between quotes.
  var isEscaped = false
  /// Where the first of its origins is written, in bytes of the template.
  var source: Range<Int>?

  /// A value that nobody outside the code decides.
  static let none = Taint()

  /// Whether there is nothing to say about the value.
  var isClean: Bool { origins.isEmpty && parameters == 0 }

  /// What is known of a value that may be either or holds both.
  func union(_ other: Taint) -> Taint {
    if isClean { return other }
    if other.isClean { return self }
    return Taint(
      origins: origins.union(other.origins), parameters: parameters | other.parameters,
      isEscaped: isEscaped && other.isEscaped, source: source ?? other.source)
  }
}

/// What is known of the variables of a template at one place.
struct TaintScope {
  /// What each variable may hold; one that is missing holds nothing dangerous.
  var values: [String: Taint] = [:]
  /// Expressions, by their keys, that were held against a list of permitted values.
  var trusted: Set<String> = []

  /// What holds after either scope.
  func merged(_ other: TaintScope) -> TaintScope {
    TaintScope(
      values: values.merging(other.values) { $0.union($1) },
      trusted: trusted.intersection(other.trusted))
  }
}

/// What a macro does with what it is given; the bits are those of its parameters.
struct MacroSummary {
  /// Parameters that are written into the macro's text.
  var pasted: UInt64 = 0
  /// Parameters that become a part of SQL it runs.
  var executed: UInt64 = 0
  /// What it hands back by `return`.
  var returned = Taint.none
  /// The names of its parameters.
  var parameters: [String] = []
  /// Whether its text changes privileges.
  var changesPrivileges = false

  /// What is known of a macro of which there are several versions.
  func merged(_ other: MacroSummary) -> MacroSummary {
    var summary = self
    summary.pasted |= other.pasted
    summary.executed |= other.executed
    summary.returned = returned.union(other.returned)
    summary.changesPrivileges = changesPrivileges || other.changesPrivileges
    return summary
  }
}
