/// Addresses outside the database, and credentials that are written out.
extension SQLLint {
  /// Looks at a `COPY`, which moves data from or to an address.
  mutating func readCopy(_ script: SQLScript, _ place: Int) {
    let statement = place..<script.endOfStatement(place)
    if noteCredentials(script, statement) { return }
    guard script.keyword(place + 1) == .into, isAddress(script, place + 2),
      !statement.contains(where: { script.keyword($0) == .integration })
    else { return }
    observe(.openStage, script, place + 2..<place + 3, .copy)
  }

  /// Looks at the creation or change of a stage.
  mutating func readStage(_ script: SQLScript, _ place: Int) {
    var next = place + 1
    while next < place + 6, script.keyword(next) != .stage {
      let keyword = script.keyword(next)
      let mayStand =
        keyword == .or || keyword == .replace || script.isWord("temporary", at: next)
        || script.isWord("temp", at: next)
      guard mayStand else { return }
      next += 1
    }
    guard script.keyword(next) == .stage else { return }
    let statement = next..<script.endOfStatement(next)
    if noteCredentials(script, statement) { return }
    guard !statement.contains(where: { script.keyword($0) == .integration }),
      let address = statement.first(where: {
        script.isWord("url", at: $0) && script.isSign("=", at: $0 + 1)
      })
    else { return }
    observe(.openStage, script, address..<min(address + 3, statement.upperBound), .stage)
  }

  /// Notes credentials; what they are is never shown.
  private mutating func noteCredentials(_ script: SQLScript, _ statement: Range<Int>) -> Bool {
    guard
      let place = statement.first(where: {
        script.keyword($0) == .credentials && script.isSign("=", at: $0 + 1)
      })
    else { return false }
    observe(.openStage, script, place..<place + 1, .credentials)
    return true
  }

  private func isAddress(_ script: SQLScript, _ index: Int) -> Bool {
    guard script.kind(index) == .string || script.kind(index) == .escapeString else { return false }
    return script.text(index).contains("://")
  }
}

extension Observation.Words {
  fileprivate static let copy = Self(
    sentence: "data leaves the database for an address that is written here, and nothing limits "
      + "which addresses are permitted",
    remedy: "write to a stage whose STORAGE_INTEGRATION limits the addresses")
  fileprivate static let stage = Self(
    sentence: "a door to an address outside the database is opened, and nothing limits which "
      + "addresses are permitted",
    remedy: "add STORAGE_INTEGRATION = …, whose owner limits the addresses")
  fileprivate static let credentials = Self(
    sentence: "a secret is written into the command: it ends up in the repository and in the "
      + "database's history of commands",
    remedy: "use STORAGE_INTEGRATION = … in place of CREDENTIALS, and change the secret")
}
