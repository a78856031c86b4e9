import SpecCore

/// The order in which suites are begun: the largest tables first, so that none of them is left for
/// the end; small ones beside them, because they mostly wait for the network.
///
/// What a large table's check remembers takes memory, so only a few are under way at a time. The
/// databases are protected by their own width, not by this.
package struct SuiteQueue: Sendable {
  /// From so many rows on a table is large.
  package static let large = 200_000

  private var waiting: (large: [Int], small: [Int])
  private var running: (large: Set<Int>, small: Set<Int>) = ([], [])
  private let most: (large: Int, small: Int)

  /// By the catalogs' estimates, which are asked for once a schema; a table without one is large.
  init(_ suites: [Plan.Suite], _ catalogs: CatalogCache, width: Int) async {
    var schemas: [SchemaName: SchemaCatalog] = [:]
    for name in Task.isCancelled ? [] : Set(suites.compactMap(\.table?.schema)) {
      // An error is found again, and told, by the checks that need the catalog.
      if case .schema(let catalog) = await catalogs.answer(to: Ask(.source, .schema(name))) {
        schemas[name] = catalog
      }
    }
    let sizes = suites.map { suite -> Int in
      guard let table = suite.table else { return 0 }
      return schemas[table.schema]?.estimatedRows(of: table) ?? .max
    }
    self.init(sizes: sizes, width: width)
  }

  /// With the sizes of suites by position, in rows.
  package init(sizes: [Int], width: Int) {
    // One at a time takes as long in any order: then it is the spec's.
    let sizes = width > 1 ? sizes : sizes.map { _ in 0 }
    let order = sizes.indices.sorted { sizes[$0] == sizes[$1] ? $0 < $1 : sizes[$0] > sizes[$1] }
    waiting = (
      order.filter { sizes[$0] >= Self.large }, order.filter { sizes[$0] < Self.large }
    )
    most = (max(1, width), width > 1 ? 8 * width : 1)
  }

  /// The next suite to begin; `nil` when enough are under way, or none is left.
  package mutating func next() -> Int? {
    if running.large.count < most.large, !waiting.large.isEmpty {
      let index = waiting.large.removeFirst()
      running.large.insert(index)
      return index
    }
    guard running.small.count < most.small, !waiting.small.isEmpty else { return nil }
    let index = waiting.small.removeFirst()
    running.small.insert(index)
    return index
  }

  /// Whether a suite that is under way is about a large table.
  func isLarge(_ index: Int) -> Bool { running.large.contains(index) }

  /// Makes room for others.
  package mutating func finished(_ index: Int) {
    running.large.remove(index)
    running.small.remove(index)
  }
}
