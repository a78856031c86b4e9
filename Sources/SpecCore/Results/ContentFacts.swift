/// What a case learnt of the contents of an object on each side, as numbers that can be recorded
/// and compared with those of another run.
package struct ContentFacts: Hashable, Sendable {
  package var source: Content?
  package var target: Content?

  package init(source: Content? = nil, target: Content? = nil) {
    self.source = source
    self.target = target
  }

  /// What is known of both sides of a pair.
  package init(
    _ names: [Side: String], rows: [Side: Int] = [:], digests: [Side: String] = [:]
  ) {
    func content(_ side: Side) -> Content? {
      names[side].map { Content(name: $0, rows: rows[side], digest: digests[side]) }
    }
    self.init(source: content(.source), target: content(.target))
  }

  /// One side's object.
  package struct Content: Hashable, Sendable {
    /// As the database names it, with its schema: `public.orders`.
    package var name: String
    package var rows: Int?
    /// Stands for the contents, in hexadecimal; the same contents give the same digest within one
    /// run, whose seed it may depend on.
    package var digest: String?

    package init(name: String, rows: Int? = nil, digest: String? = nil) {
      self.name = name
      self.rows = rows
      self.digest = digest
    }
  }

  package subscript(_ side: Side) -> Content? {
    get { side == .source ? source : target }
    set { if side == .source { source = newValue } else { target = newValue } }
  }
}
