import Diagnostics

/// Reads the one document of a file event by event, and refuses what specs are not written in.
///
/// Of another tool's file only what is no YAML is refused, and what has no place in a tree.
struct DocumentReader {
  private let isForeign: Bool
  private let limits: Limits
  private let file: SourceFile
  private let places: Places
  private var tree: TreeBuilder
  private var mistakes = Mistakes()
  private var nodeCount = 0
  private var hasDocument = false

  private init(_ file: SourceFile, isForeign: Bool) {
    self.file = file
    self.isForeign = isForeign
    limits = isForeign ? .foreign : .spec
    places = Places(file)
    tree = TreeBuilder(places: places, isForeign: isForeign)
  }

  /// The tree of the file's document, or every mistake that could be found.
  static func read(_ file: SourceFile, isForeign: Bool) throws(DiagnosticsError) -> Node {
    var reader = Self(file, isForeign: isForeign)
    reader.readEvents()
    guard reader.mistakes.found.isEmpty else {
      throw DiagnosticsError(diagnostics: reader.mistakes.found)
    }
    guard let root = reader.tree.root else {
      if isForeign {
        let start = SourcePosition(line: 1, column: 1, offset: 0)
        let nowhere = SourceRange(file: file.name, start: start, end: start)
        return Node(content: .scalar(text: "", isPlain: true), range: nowhere)
      }
      preconditionFailure("a stream without a document is reported as empty")
    }
    return root
  }

  private mutating func readEvents() {
    let text = CharacterCheck.readableText(
      of: file, allowsHidden: isForeign, reporting: &mistakes)
    var stream = EventStream(text)
    while !mistakes.isFull {
      do throws(SyntaxProblem) {
        guard accept(try stream.next()) else { return }
      } catch {
        let diagnostic = error.diagnostic(places)
        mistakes.report(diagnostic.message, at: diagnostic.range, related: diagnostic.related)
        return
      }
    }
  }

  /// Takes one event in, and says whether to read the next.
  private mutating func accept(_ event: Event) -> Bool {
    switch event.kind {
    case .other: return true
    case .collectionEnd:
      tree.close(at: event.end, reporting: &mistakes)
      return true
    case .documentStart(let hasDirectives):
      return startDocument(event, hasDirectives: hasDirectives)
    case .streamEnd:
      if isEmpty, !isForeign { mistakes.report(.empty, at: .none(file: file.name)) }
      return false
    case .alias, .scalar, .sequenceStart, .mappingStart: return acceptNode(event)
    }
  }

  /// Whether the document says nothing at all, as a file of comments or a lone `---`.
  private var isEmpty: Bool {
    guard let root = tree.root, case .scalar("", isPlain: true) = root.content else {
      return tree.root == nil
    }
    return mistakes.found.isEmpty
  }

  private mutating func startDocument(_ event: Event, hasDirectives: Bool) -> Bool {
    if hasDocument {
      mistakes.report(.secondDocument, at: places.word(at: event.start))
      return false
    }
    hasDocument = true
    if hasDirectives, !isForeign { mistakes.report(.directive, at: places.word(at: event.start)) }
    return true
  }

  private mutating func acceptNode(_ event: Event) -> Bool {
    nodeCount += 1
    if nodeCount > limits.nodes { return refuseMoreNodes(event) }
    if let anchor = event.anchor, !isForeign {
      mistakes.report(.anchor(anchor), at: places.property("&", from: event.start))
    }
    if event.tag != nil, !isForeign {
      mistakes.report(.tag, at: places.property("!", from: event.start))
    }
    switch event.kind {
    case .alias(let name):
      let range = places.range(event.start, event.end)
      if isForeign { return take(alias: name, at: range, event) }
      // `<<: *base` is one mistake, and it has been reported.
      if !tree.expectsMerged { mistakes.report(.alias(name), at: range) }
      tree.addRefused(at: range, reporting: &mistakes)
    case .scalar(let text, let isPlain):
      acceptScalar(
        text, isPlain: isPlain, anchor: event.anchor, at: places.range(event.start, event.end))
    case .sequenceStart(let isFlow):
      return open(event, isFlow: isFlow, isMapping: false)
    case .mappingStart(let isFlow):
      return open(event, isFlow: isFlow, isMapping: true)
    case .documentStart, .collectionEnd, .streamEnd, .other:
      preconditionFailure("the caller passes events of nodes only")
    }
    return true
  }

  private mutating func refuseMoreNodes(_ event: Event) -> Bool {
    mistakes.report(.tooManyNodes(limits), at: places.word(at: event.start))
    return false
  }

  /// Takes what an anchor stands for in once more.
  private mutating func take(alias name: String, at range: SourceRange, _ event: Event) -> Bool {
    guard let anchored = tree.anchors[name] else {
      mistakes.report(.unknownAlias(name), at: range)
      return false
    }
    // A few aliases of aliases would stand for more than any machine can hold.
    nodeCount += anchored.size
    if nodeCount > limits.nodes { return refuseMoreNodes(event) }
    tree.add(anchored.node, size: anchored.size, alias: range, reporting: &mistakes)
    return true
  }

  private mutating func acceptScalar(
    _ text: String, isPlain: Bool, anchor: String?, at range: SourceRange
  ) {
    if text.utf8.count > limits.scalarBytes {
      mistakes.report(.scalarTooLong(text.utf8.count, limits), at: range)
      tree.addRefused(at: range, reporting: &mistakes)
      return
    }
    if let hidden = CharacterCheck.firstHidden(in: text), !isForeign {
      mistakes.report(.escapedHidden(hidden), at: range)
    }
    let node = Node(content: .scalar(text: text, isPlain: isPlain), range: range)
    tree.add(node, anchor: anchor, reporting: &mistakes)
  }

  private mutating func open(_ event: Event, isFlow: Bool, isMapping: Bool) -> Bool {
    // Counted before libyaml reads further: its own work grows with the square of the depth.
    guard tree.depth < limits.depth else {
      mistakes.report(.tooDeep(limits), at: places.word(at: event.start))
      return false
    }
    tree.open(at: event.start, isFlow: isFlow, isMapping: isMapping, anchor: event.anchor)
    return true
  }
}

extension Diagnostic.Message {
  fileprivate static let empty = Self(
    "E0004", "expected a spec, found nothing but blanks and comments",
    notes: ["five lines are enough: version, name, source, target, tables"])

  fileprivate static let secondDocument = Self(
    "E0014", "expected the end of the file, found a second document",
    label: "put it into a file of its own")

  fileprivate static func tooManyNodes(_ limits: Limits) -> Self {
    Self(
      "E0016", "more than \(limits.nodes.grouped) keys and values",
      label: "divide the spec into several files")
  }

  fileprivate static func tooDeep(_ limits: Limits) -> Self {
    Self(
      "E0015", "more than \(limits.depth) lists and mappings inside one another",
      label: "too deep to read")
  }

  fileprivate static func scalarTooLong(_ bytes: Int, _ limits: Limits) -> Self {
    Self(
      "E0017", "text of \(bytes.grouped) bytes, longer than \(limits.scalarBytes.grouped)",
      label: "is a quote or a block `|` left open here?")
  }

  fileprivate static func unknownAlias(_ name: String) -> Self {
    Self("E0011", "the alias `*\(name)` stands for no anchor above it", label: "not known here")
  }

  fileprivate static func anchor(_ name: String) -> Self {
    Self(
      "E0011", "anchors are not allowed: `&\(name)`", label: "delete the anchor",
      notes: ["quote a text that begins with `&`"])
  }

  fileprivate static func alias(_ name: String) -> Self {
    Self(
      "E0011", "aliases are not allowed: `*\(name)`", label: "write the value out",
      notes: ["quote a text that begins with `*`"])
  }
}
