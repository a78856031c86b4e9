import Diagnostics

/// Puts nodes together from the inside out, without recursion, and refuses unfit keys.
struct TreeBuilder {
  /// A collection that is still being written.
  private struct Frame {
    let start: Int
    let isFlow: Bool
    let isMapping: Bool
    /// Where the last thing inside ended.
    var end: SourcePosition
    var items: [Node] = []
    var entries: [Node.Entry] = []
    var key = Key.none
    /// Where each key was first written; equal as readers see them, whatever their code points.
    var names: [String: SourceRange] = [:]
    /// The name that stands for it further down.
    var anchor: String?
    /// Itself and all that is inside, aliases with what they stand for.
    var size = 1
  }

  /// What an anchor stands for, and how many nodes that is.
  typealias Anchored = (node: Node, size: Int)

  /// The key whose value comes next.
  private enum Key {
    case none, refused, merge
    case usable(Node)
  }

  private let places: Places
  /// Whether the file is another tool's, whose keys are taken as they are.
  private let isForeign: Bool
  private var frames: [Frame] = []
  /// The finished document, if it has ended.
  private(set) var root: Node?
  /// What anchors stand for, where aliases are allowed.
  private(set) var anchors: [String: Anchored] = [:]

  init(places: Places, isForeign: Bool) {
    self.places = places
    self.isForeign = isForeign
  }

  /// How many collections are open.
  var depth: Int { frames.count }

  /// Whether the next node is a key.
  var expectsKey: Bool {
    guard let frame = frames.last, frame.isMapping, case .none = frame.key else { return false }
    return true
  }

  /// Whether the next node is what a merge key `<<` is to take in.
  var expectsMerged: Bool {
    guard let frame = frames.last, case .merge = frame.key else { return false }
    return true
  }

  /// Begins a collection.
  mutating func open(at start: Int, isFlow: Bool, isMapping: Bool, anchor: String? = nil) {
    var frame = Frame(
      start: start, isFlow: isFlow, isMapping: isMapping, end: places.position(start))
    frame.anchor = isForeign ? anchor : nil
    frames.append(frame)
  }

  /// Ends the innermost collection; `end` counts only for one in brackets.
  mutating func close(at end: Int, reporting mistakes: inout Mistakes) {
    guard let frame = frames.popLast() else {
      preconditionFailure("libyaml ends only what it began")
    }
    // libyaml ends a block at the next token, which may stand many comments further down, and a
    // pair without braces, `[a: ]`, before its empty value.
    var range = places.range(frame.start, to: frame.end)
    if frame.isFlow { range = max(range, places.range(frame.start, end)) }
    let content: Node.Content =
      frame.isMapping ? .mapping(frame.entries) : .sequence(frame.items)
    let node = Node(content: content, range: range)
    add(node, size: frame.size, anchor: frame.anchor, reporting: &mistakes)
  }

  /// Takes a finished node in where it stands: as the document, an item, a key or a value.
  ///
  /// `alias` is the place of an alias that the node is taken in by.
  mutating func add(
    _ node: Node, size: Int = 1, anchor: String? = nil, alias: SourceRange? = nil,
    reporting mistakes: inout Mistakes
  ) {
    if let anchor, isForeign { anchors[anchor] = (node, size) }
    guard var frame = frames.popLast() else {
      root = node
      return
    }
    frame.size += size
    frame.end = max(frame.end, (alias ?? node.range).end)
    if !frame.isMapping {
      frame.items.append(node)
    } else {
      switch frame.key {
      case .none: frame.key = key(from: node, &frame.names, reporting: &mistakes)
      case .merge:
        if isForeign { frame.entries += Self.entries(mergedFrom: node) }
        frame.key = .none
      case .refused: frame.key = .none
      case .usable(let key):
        frame.entries.append(Node.Entry(key: key, value: node))
        frame.key = .none
      }
    }
    frames.append(frame)
  }

  /// Notes that the node at this place was refused: a key loses its value, a value is left empty.
  mutating func addRefused(at range: SourceRange, reporting mistakes: inout Mistakes) {
    guard expectsKey else {
      add(Node(content: .scalar(text: "", isPlain: true), range: range), reporting: &mistakes)
      return
    }
    frames[frames.count - 1].key = .refused
  }

  /// What a merge key takes in: the entries of a mapping, or of each in a list.
  private static func entries(mergedFrom node: Node) -> [Node.Entry] {
    switch node.content {
    case .mapping(let entries): return entries
    case .sequence(let items): return items.flatMap { entries(mergedFrom: $0) }
    case .scalar: return []
    }
  }

  private func key(
    from node: Node, _ names: inout [String: SourceRange], reporting mistakes: inout Mistakes
  ) -> Key {
    if isForeign, case .scalar(let name, let isPlain) = node.content {
      return isPlain && name == "<<" ? .merge : .usable(node)
    }
    guard case .scalar(let name, let isPlain) = node.content, !node.isNull, !name.isEmpty else {
      mistakes.report(.keyIsNoText(node), at: node.range)
      return .refused
    }
    if isPlain, name == "<<" {
      mistakes.report(.mergeKey, at: node.range)
      return .merge
    }
    if let first = names[name] {
      let related = Diagnostic.Related(range: first, text: "first written here")
      let message = Diagnostic.Message.duplicateKey(name, firstLine: first.start.line)
      mistakes.report(message, at: node.range, related: [related])
      return .refused
    }
    names[name] = node.range
    return .usable(node)
  }
}

extension Diagnostic.Message {
  fileprivate static func duplicateKey(_ name: String, firstLine: Int) -> Self {
    Self(
      "E0013", "duplicate key `\(name)`, first written on line \(firstLine)",
      label: "keep one of the two")
  }

  fileprivate static func keyIsNoText(_ node: Node) -> Self {
    let found =
      switch node.content {
      case .scalar(let text, _): text.isEmpty ? "nothing" : "an unquoted `\(text)`"
      case .sequence: "a list"
      case .mapping: "a mapping"
      }
    return Self("E0019", "expected a name as key, found \(found)", label: "write `name: value`")
  }

  fileprivate static let mergeKey = Self(
    "E0011", "merge keys are not allowed", label: "write the merged fields out",
    notes: ["what all tables have in common belongs under `defaults:`"])
}
