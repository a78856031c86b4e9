/// Looks through SQL statement by statement, and through the code in texts of procedures.
struct SQLLint {
  /// Procedures in procedures and texts in texts are followed to this depth.
  private static let depthLimit = 6

  /// The routine whose body is being read.
  struct Surrounding {
    var language = SQLRoutine.Language.sql
    var parameters: [(name: String, type: String)] = []
    /// Whether it is a procedure of Snowflake that runs with its owner's rights.
    var hasOwnersRights = false
  }

  /// What was seen.
  var observations: [Observation] = []
  /// Views and protected tables, which may stand in different files.
  var views = ViewFacts()
  /// What could not be read inside of texts.
  var problems: [Problem] = []
  /// Functions whose search path a statement of its own sets, and those that still need one.
  private var definers: [(name: String, observation: Observation)] = []
  private var settled: Set<String> = []
  /// How many places run SQL that is not fixed, for the rule on owners' rights.
  var dangers = 0
  /// What comments in texts of procedures allow.
  private(set) var comments: [AllowComment] = []
  /// How many words and signs all judgements of a file may look at, far more than people's files need.
  var effort = 2_000_000

  init() {}

  /// Looks through a script.
  mutating func read(_ script: SQLScript) {
    read(script, 0..<script.tokens.count, Surrounding(), depth: 0)
  }

  /// Adds what can be told only when all of a file has been read.
  mutating func finish() {
    for definer in definers where !settled.contains(definer.name) {
      observations.append(definer.observation)
    }
    definers = []
  }

  /// Notes something at a stretch of tokens.
  mutating func observe(
    _ rule: LintRule, _ script: SQLScript, _ tokens: Range<Int>, _ words: Observation.Words,
    isInformational: Bool = false
  ) {
    let bytes = script.bytes(tokens)
    observations.append(
      Observation(
        rule: rule, range: script.code.origin(bytes),
        shown: script.code.excerpt(bytes).replacingHoles, words: words,
        isInformational: isInformational))
  }

  private mutating func read(
    _ script: SQLScript, _ range: Range<Int>, _ surrounding: Surrounding, depth: Int
  ) {
    guard !script.keywords.isEmpty, depth < Self.depthLimit else { return }
    var variables: SQLVariables?
    var place = range.lowerBound
    while place < range.upperBound {
      defer { place += 1 }
      switch script.keyword(place) {
      case .create:
        if let routine = SQLRoutine(script, at: place) {
          read(routine, in: script, depth: depth)
          place = max(place, routine.end - 1)
        } else {
          readStage(script, place)
          views.readCreation(script, place)
        }
      case .alter: readAlteration(script, place)
      case .grant where script.beginsStatement(place) || isDefaultPrivilege(script, place):
        readGrant(script, place)
      case .copy where script.beginsStatement(place): readCopy(script, place)
      case .do where isAnonymousBlock(script, place):
        var body = place + 1
        if script.keyword(body) == .language { body += 2 }
        guard script.kind(body) == .dollarString || script.kind(body) == .string else { break }
        read(text: body, of: script, Surrounding(language: .plpgsql), depth: depth)
      case .execute:
        if variables == nil {
          variables = SQLVariables(script, range, parameters: surrounding.parameters)
        }
        if let variables {
          readExecution(script, place, range.upperBound, variables, surrounding, depth: depth)
        }
      case .identifier, .table: readChosenObject(script, place, surrounding)
      default: break
      }
    }
  }

  private func isDefaultPrivilege(_ script: SQLScript, _ place: Int) -> Bool {
    var start = place
    while start > 0, place - start < 16, !script.isSign(";", at: start - 1) { start -= 1 }
    return script.keyword(start) == .alter && script.keyword(start + 1) == .default
  }

  private func isAnonymousBlock(_ script: SQLScript, _ place: Int) -> Bool {
    script.beginsStatement(place)
      && (script.kind(place + 1) == .dollarString || script.kind(place + 1) == .string
        || script.keyword(place + 1) == .language)
  }

  /// Reads the code inside a text.
  mutating func read(
    text index: Int, of script: SQLScript, _ surrounding: Surrounding, depth: Int
  ) {
    guard depth < Self.depthLimit else { return }
    let code = script.content(index)
    switch surrounding.language {
    case .sql, .plpgsql:
      let dialect = surrounding.language == .plpgsql ? .postgres : script.dialect
      let inner = SQLScript(code, 0..<code.bytes.count, dialect: dialect)
      if let problem = inner.problem {
        problems.append(Problem(offset: code.origin(problem.offset), reason: problem.reason))
      }
      comments += inner.comments.compactMap { AllowComment(code, $0) }
      read(inner, 0..<inner.tokens.count, surrounding, depth: depth + 1)
    case .javascript, .python:
      let lint = ScriptLint(code, isPython: surrounding.language == .python)
      dangers += lint.observations.count
      observations += lint.observations
      comments += lint.comments.compactMap { AllowComment(code, $0) }
      if let problem = lint.problem { problems.append(problem) }
    case .other: break
    }
  }

  private mutating func read(_ routine: SQLRoutine, in script: SQLScript, depth: Int) {
    noteDefiner(routine, in: script)
    let isSnowflakes = routine.isProcedure && routine.language != .plpgsql
    let surrounding = Surrounding(
      language: routine.language, parameters: routine.parameters,
      hasOwnersRights: isSnowflakes && !routine.runsAsCaller)
    let before = dangers
    switch routine.body {
    case .quoted(let index): read(text: index, of: script, surrounding, depth: depth)
    case .inline(let range): read(script, range, surrounding, depth: depth + 1)
    case nil: break
    }
    guard surrounding.hasOwnersRights, dangers > before else { return }
    observe(
      .ownersRights, script, routine.start..<routine.start + 1, .ownersRights(routine.name))
  }

  // MARK: - SECURITY DEFINER

  private mutating func noteDefiner(_ routine: SQLRoutine, in script: SQLScript) {
    guard let definer = routine.definer, !routine.setsSearchPath else { return }
    noteDefiner(definer, script, routine.name)
  }

  private mutating func noteDefiner(_ definer: Int, _ script: SQLScript, _ name: String) {
    let bytes = script.bytes(definer..<definer + 2)
    let observation = Observation(
      rule: .definer, range: script.code.origin(bytes), shown: script.code.text(bytes),
      words: .definer(name))
    definers.append((Self.bareName(name), observation))
  }

  /// The name without its schema, as names are compared.
  private static func bareName(_ name: String) -> String {
    let parts = name.lowercased().split(separator: ".").map {
      $0.filter { $0 != "\"" && $0 != " " }
    }
    return parts.last ?? ""
  }

  private mutating func readAlteration(_ script: SQLScript, _ place: Int) {
    views.readAlteration(script, place)
    if script.keyword(place + 1) == .stage { readStage(script, place) }
    guard script.keyword(place + 1) == .function || script.keyword(place + 1) == .procedure else {
      return
    }
    var end = place + 2
    while end < script.tokens.count, !script.isSign("(", at: end),
      script.kind(end) != .sign
        || script.isSign(".", at: end)
    {
      if script.kind(end) == .word, script.kind(end - 1) == .word, end > place + 2 { break }
      end += 1
    }
    let name = script.code.text(script.bytes(place + 2..<max(place + 3, end)))
    let statement = place..<script.endOfStatement(place)
    if statement.contains(where: { script.holds(.set, .searchPath, at: $0) }) {
      settled.insert(Self.bareName(name))
    } else if let definer = statement.first(where: { script.holds(.security, .definer, at: $0) }) {
      noteDefiner(definer, script, name)
    }
  }
}

extension String {
  /// The text with a mark for each stretch that a template fills in.
  fileprivate var replacingHoles: String {
    guard utf8.contains(Template.hole) else { return self }
    var shown = ""
    for character in self {
      guard character == "\u{1}" else {
        shown.append(character)
        continue
      }
      if !shown.hasSuffix("…") { shown.append("…") }
    }
    return shown
  }
}

extension Observation.Words {
  fileprivate static func ownersRights(_ name: String) -> Self {
    Self(
      sentence: "the procedure `\(short(name))` puts a command together from what its caller gives "
        + "and runs it with the rights of its owner, so that any caller may borrow those rights",
      remedy: "add EXECUTE AS CALLER, or leave the caller no choice of what is run")
  }

  fileprivate static func definer(_ name: String) -> Self {
    Self(
      sentence: "`\(short(name))` runs with the rights of its owner and looks names up where its "
        + "caller says: a caller can put an object of their own in the place of one it uses",
      remedy: "add SET search_path = '' and write the schema before every name")
  }
}
