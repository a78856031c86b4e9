extension Planner {
  /// What is watched of the tables that are wanted, or names that lead nowhere.
  ///
  /// For `tables: all` it needs the source's tables.
  package func watch(
    sourceTables: SchemaCatalog? = nil, selection: Selection? = nil
  ) -> WatchPlan {
    let all = subjects(sourceTables).filter { $0.spec.onlyIn == nil }
    let titles = Set(all.map(\.title))
    let written =
      (spec.watch?.tables ?? []).map(\.value) + (spec.watch?.highWater ?? []).map(\.name.value)
    let unknown = written.filter { !titles.contains($0) }
    let ready = ReadyCondition(spec.watch?.ready)
    let chosen = spec.watch?.tables.map { Set($0.map(\.value)) }
    var wanted: Set<String>?
    if let selection {
      wanted = Set(plan(sourceTables: sourceTables).selected(by: selection).suites.map(\.name))
    }
    let tables = all.filter { subject in
      chosen?.contains(subject.title) ?? true
        && wanted?.contains("\(slug).tables.\(subject.object)") ?? true
    }.map { subject in
      var rows = ready.rows
      // What the spec says of this very table counts more, where it is a number.
      if case .exactly = subject.expectations.rowCount.value {
        rows = subject.expectations.rowCount.value
      }
      let written = spec.watch?.highWater?.first { $0.name.value == subject.title }?.value
      return TableWatch(
        table: WatchedTable(title: subject.title, rows: rows), subject: subject,
        column: written.map { $0 == "none" ? .none : .named($0) } ?? .automatic,
        newest: ready.newest == .skip ? nil : spec.watch?.newest ?? WatchSpec.defaultNewest)
    }
    return WatchPlan(
      tables: tables, unknown: sourceTables == nil && neededCatalog != nil ? [] : unknown)
  }
}

/// The tables to be watched.
package struct WatchPlan: Sendable {
  package let tables: [TableWatch]
  /// Names under `watch:` that no table of the spec has.
  package let unknown: [String]
}
