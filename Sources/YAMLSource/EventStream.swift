import CLibYAML

/// The events of one YAML text, read one by one from libyaml.
///
/// Nothing of libyaml leaves this file: names and texts are copied before an event is returned.
@safe struct EventStream: ~Copyable {
  // libyaml keeps pointers to both, so neither may move while it reads.
  private let parser: UnsafeMutablePointer<yaml_parser_t>
  private let input: UnsafeMutableBufferPointer<UInt8>

  /// Starts to read UTF-8 text that holds none of the characters libyaml refuses.
  init(_ text: String) {
    unsafe input = .allocate(capacity: text.utf8.count)
    _ = unsafe input.initialize(from: text.utf8)
    unsafe parser = .allocate(capacity: 1)
    guard unsafe yaml_parser_initialize(parser) == 1 else {
      preconditionFailure("there is memory for one YAML parser")
    }
    unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    unsafe yaml_parser_set_input_string(parser, input.baseAddress, input.count)
  }

  deinit {
    unsafe yaml_parser_delete(parser)
    unsafe parser.deallocate()
    unsafe input.deallocate()
  }

  /// The next event, or where and why the text is not YAML; not to be called after either end.
  mutating func next() throws(SyntaxProblem) -> Event {
    var event = unsafe yaml_event_t()
    guard unsafe yaml_parser_parse(parser, &event) == 1 else { throw problem() }
    defer { unsafe yaml_event_delete(&event) }
    return unsafe Event(event)
  }

  private func problem() -> SyntaxProblem {
    let state = unsafe parser.pointee
    let context: SyntaxProblem.Context? =
      if let words = unsafe state.context {
        unsafe .init(words: String(cString: words), index: state.context_mark.index)
      } else {
        nil
      }
    let words = if let words = unsafe state.problem { unsafe String(cString: words) } else { "" }
    return unsafe SyntaxProblem(words: words, index: state.problem_mark.index, context: context)
  }
}

extension Event {
  /// Copies all that is wanted out of one of libyaml's events.
  fileprivate init(_ event: yaml_event_t) {
    unsafe start = event.start_mark.index
    unsafe end = event.end_mark.index
    var anchor: String?
    var tag: String?
    switch unsafe event.type {
    case YAML_DOCUMENT_START_EVENT:
      let document = unsafe event.data.document_start
      let hasTags = unsafe document.tag_directives.start != document.tag_directives.end
      kind = unsafe .documentStart(hasDirectives: document.version_directive != nil || hasTags)
    case YAML_ALIAS_EVENT:
      kind = unsafe .alias(name: Self.text(event.data.alias.anchor) ?? "")
    case YAML_SCALAR_EVENT:
      let scalar = unsafe event.data.scalar
      let bytes = unsafe UnsafeBufferPointer(start: scalar.value, count: scalar.length)
      let text = unsafe String(decoding: bytes, as: UTF8.self)
      kind = unsafe .scalar(text: text, isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE)
      anchor = unsafe Self.text(scalar.anchor)
      tag = unsafe Self.text(scalar.tag)
    case YAML_SEQUENCE_START_EVENT:
      let sequence = unsafe event.data.sequence_start
      kind = unsafe .sequenceStart(isFlow: sequence.style == YAML_FLOW_SEQUENCE_STYLE)
      anchor = unsafe Self.text(sequence.anchor)
      tag = unsafe Self.text(sequence.tag)
    case YAML_MAPPING_START_EVENT:
      let mapping = unsafe event.data.mapping_start
      kind = unsafe .mappingStart(isFlow: mapping.style == YAML_FLOW_MAPPING_STYLE)
      anchor = unsafe Self.text(mapping.anchor)
      tag = unsafe Self.text(mapping.tag)
    case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: kind = .collectionEnd
    case YAML_STREAM_END_EVENT: kind = .streamEnd
    default: kind = .other
    }
    self.anchor = anchor
    self.tag = tag
  }

  private static func text(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? {
    guard let pointer = unsafe pointer else { return nil }
    return unsafe String(cString: pointer)
  }
}
