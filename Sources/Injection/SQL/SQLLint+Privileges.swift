/// Grants to everyone, of everything, of ownership, and of the right to grant.
extension SQLLint {
  /// Looks at the `GRANT` at an index.
  mutating func readGrant(_ script: SQLScript, _ place: Int) {
    let end = script.endOfStatement(place)
    // The right to end with `TO …`; roles stand in the last part.
    guard
      let target = (place..<end).last(where: {
        script.keyword($0) == .to && script.kind($0 + 1) != .sign
      })
    else { return }
    let privileges = place + 1..<target
    let isPublic = script.parts(target + 1..<end, separatedBy: ",").contains { part in
      let name = script.keyword(part.lowerBound) == .role ? part.lowerBound + 1 : part.lowerBound
      return name < part.upperBound && script.name(name) == "public"
        && !script.isSign(".", at: name + 1)
    }
    let statement = place..<end
    if isPublic {
      let isUsageOfSchema =
        script.keyword(place + 1) == .usage && script.holds(.on, .schema, at: place + 2)
      let isFuture = privileges.contains { script.keyword($0) == .future }
      observe(
        .broadGrant, script, statement, isFuture ? .toPublicInFuture : .toPublic,
        isInformational: isUsageOfSchema)
    } else if (target..<end).contains(where: { script.holds(.with, .grant, .option, at: $0) }) {
      observe(.broadGrant, script, statement, .grantable)
    } else if script.keyword(place + 1) == .ownership {
      observe(.broadGrant, script, statement, .ownership)
    } else if script.keyword(place + 1) == .all {
      observe(.broadGrant, script, statement, .everything)
    }
  }
}

extension Observation.Words {
  fileprivate static let toPublic = Self(
    sentence: "everyone who can sign in gets this right, now and later",
    remedy: "grant it to the role that needs it")
  fileprivate static let toPublicInFuture = Self(
    sentence:
      "everyone who can sign in gets this right on everything that will ever be created here",
    remedy: "grant it to the role that needs it")
  fileprivate static let grantable = Self(
    sentence: "whoever gets this right may hand it on to others, past any review",
    remedy: "leave WITH GRANT OPTION out")
  fileprivate static let ownership = Self(
    sentence: "the new owner can do anything with the object, deleting it and granting it included",
    remedy: "grant the rights that are needed one by one")
  fileprivate static let everything = Self(
    sentence: "every right there is on the object is granted, those that come later included",
    remedy: "grant the rights that are needed one by one")
}
