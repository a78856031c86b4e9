/// One step through a YAML text; places are counted in Unicode scalars from its beginning.
struct Event {
  /// What the step is.
  enum Kind {
    case documentStart(hasDirectives: Bool)
    case alias(name: String)
    case scalar(text: String, isPlain: Bool)
    case sequenceStart(isFlow: Bool)
    case mappingStart(isFlow: Bool)
    case collectionEnd
    case streamEnd
    /// The start of the stream and the end of a document, which say nothing.
    case other
  }

  let kind: Kind
  /// The name given with `&`, if any.
  let anchor: String?
  /// The type given with `!`, if any.
  let tag: String?
  let start: Int
  let end: Int
}

/// Why libyaml could not read on, in its own words and places.
struct SyntaxProblem: Error {
  /// What libyaml was reading, and where that began.
  struct Context {
    let words: String
    let index: Int
  }

  let words: String
  let index: Int
  let context: Context?
}
