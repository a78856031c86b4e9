import Diagnostics

/// Reads the one document of a file event by event, and refuses what specs are not written in.
struct DocumentReader {
  private let file: SourceFile
  private let places: Places
  private var tree: TreeBuilder
  private var mistakes = Mistakes()
  private var nodeCount = 0
  private var hasDocument = false

  private init(_ file: SourceFile) {
    self.file = file
    places = Places(file)
    tree = TreeBuilder(places: places)
  }

  /// The tree of the file's document, or every mistake that could be found.
  static func read(_ file: SourceFile) throws(DiagnosticsError) -> Node {
    var reader = Self(file)
    reader.readEvents()
    guard reader.mistakes.found.isEmpty else {
      throw DiagnosticsError(diagnostics: reader.mistakes.found)
    }
    guard let root = reader.tree.root else {
      preconditionFailure("a stream without a document is reported as empty")
    }
    return root
  }

  private mutating func readEvents() {
    let text = CharacterCheck.readableText(of: file, reporting: &mistakes)
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
      if isEmpty { mistakes.report(.empty, at: .none(file: file.name)) }
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
    if hasDirectives { mistakes.report(.directive, at: places.word(at: event.start)) }
    return true
  }

  private mutating func acceptNode(_ event: Event) -> Bool {
    nodeCount += 1
    if nodeCount > Limits.nodes {
      mistakes.report(.tooManyNodes, at: places.word(at: event.start))
      return false
    }
    if let anchor = event.anchor {
      mistakes.report(.anchor(anchor), at: places.property("&", from: event.start))
    }
    if event.tag != nil {
      mistakes.report(.tag, at: places.property("!", from: event.start))
    }
    switch event.kind {
    case .alias(let name):
      let range = places.range(event.start, event.end)
      // `<<: *base` is one mistake, and it has been reported.
      if !tree.expectsMerged { mistakes.report(.alias(name), at: range) }
      tree.addRefused(at: range, reporting: &mistakes)
    case .scalar(let text, let isPlain):
      acceptScalar(text, isPlain: isPlain, at: places.range(event.start, event.end))
    case .sequenceStart(let isFlow):
      return open(event, isFlow: isFlow, isMapping: false)
    case .mappingStart(let isFlow):
      return open(event, isFlow: isFlow, isMapping: true)
    case .documentStart, .collectionEnd, .streamEnd, .other:
      preconditionFailure("the caller passes events of nodes only")
    }
    return true
  }

  private mutating func acceptScalar(_ text: String, isPlain: Bool, at range: SourceRange) {
    if text.utf8.count > Limits.scalarBytes {
      mistakes.report(.scalarTooLong(text.utf8.count), at: range)
      tree.addRefused(at: range, reporting: &mistakes)
      return
    }
    if let hidden = CharacterCheck.firstHidden(in: text) {
      mistakes.report(.escapedHidden(hidden), at: range)
    }
    let node = Node(content: .scalar(text: text, isPlain: isPlain), range: range)
    tree.add(node, reporting: &mistakes)
  }

  private mutating func open(_ event: Event, isFlow: Bool, isMapping: Bool) -> Bool {
    // Counted before libyaml reads further: its own work grows with the square of the depth.
    guard tree.depth < Limits.depth else {
      mistakes.report(.tooDeep, at: places.word(at: event.start))
      return false
    }
    tree.open(at: event.start, isFlow: isFlow, isMapping: isMapping)
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

  fileprivate static let tooManyNodes = Self(
    "E0016", "more than \(Limits.nodes.grouped) keys and values",
    label: "divide the spec into several files")

  fileprivate static let tooDeep = Self(
    "E0015", "more than \(Limits.depth) lists and mappings inside one another",
    label: "too deep to read")

  fileprivate static func scalarTooLong(_ bytes: Int) -> Self {
    Self(
      "E0017", "text of \(bytes.grouped) bytes, longer than \(Limits.scalarBytes.grouped)",
      label: "is a quote or a block `|` left open here?")
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
