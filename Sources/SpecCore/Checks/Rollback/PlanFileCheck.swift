/// Expects the plan of the way back to be there, and records its digest.
struct PlanFileCheck: Check {
  let path: String
  private var hasAsked = false

  init(_ path: String) { self.path = path }

  mutating func next(given answers: [Answer], dialects: Dialects) -> Move {
    guard hasAsked else {
      hasAsked = true
      return .read(FileRequest([path], isDigested: true))
    }
    guard case .files(let found) = answers.first else {
      preconditionFailure("files were asked for")
    }
    return .decide(judge(found))
  }

  private func judge(_ found: FoundFiles) -> Verdict {
    if found.files.isEmpty {
      return failed(
        "there is no file \(path)",
        "; cure: write down how the migration is undone, by whom, and until when that is possible")
    }
    if found.files.count > 1 {
      return Verdict(
        Verdict.Unchecked(
          type: "ambiguous_name",
          reason: "\(path) stands for \(counted(found.files.count, "file")), and a plan is one",
          remedy: "name the file of the plan"))
    }
    guard let file = found.files.first, let bytes = file.bytes, let digest = file.sha256 else {
      return found.problems.first.map { Verdict($0) }
        ?? Verdict(
          Verdict.Unchecked(
            type: "unreadable_file", reason: "\(path) could not be read and digested"))
    }
    guard bytes.contains(where: { !Self.blanks.contains($0) }) else {
      return failed("\(path) is empty", "; cure: write down how the migration is undone")
    }
    return Verdict(
      summary: "\(file.path), sha256:\(digest.prefix(12))", type: "rollback_plan",
      notes: ["\(file.path): \(counted(bytes.count, "byte")), SHA-256 \(digest)"])
  }

  private static let blanks = Set(" \t\r\n\u{0}".utf8)

  private func failed(_ finding: String, _ cure: String) -> Verdict {
    Verdict(summary: finding, type: "rollback_plan", findings: [finding + cure])
  }
}
