/// Expects the newest of some dumps of Postgres to be whole, recent, and to hold the tables of the
/// spec.
///
/// An archive's table of contents stands at its beginning. Where it tells where the data of each table
/// begin, only the last of them are followed to their end; else all are. Of other dumps only the ends
/// are read.
struct BackupCheck: Check {
  let path: String?
  let newerThan: TimeSpan
  /// The tables whose rows an archive must hold.
  let subjects: [TableSubject]

  private enum State: Sendable {
    case start
    case choosing
    case reading(DumpFile, [Verdict.Unchecked])
    case following(DumpFile, DumpArchive, DumpBlocks, [Verdict.Unchecked])
  }

  private var state = State.start

  init(_ path: String?, newerThan: TimeSpan, holding subjects: [TableSubject]) {
    self.path = path
    self.newerThan = newerThan
    self.subjects = subjects
  }

  /// Enough for the table of contents of some ten thousand objects.
  private static let contents = 16_777_216
  private static let end = 4_096

  mutating func next(given answers: [Answer], dialects: Dialects) -> Move {
    guard let path else { return .decide(Self.unnamed) }
    guard let readAt = dialects.readAt else {
      return .decide(
        Verdict(Verdict.Unchecked(type: "no_read_point", reason: "the run has no read point yet")))
    }
    if case .start = state {
      state = .choosing
      return .read(FileRequest([path], portion: .ends(head: Self.end, tail: Self.end)))
    }
    guard case .files(let found) = answers.first else {
      preconditionFailure("files were asked for")
    }
    switch state {
    case .start: preconditionFailure("files were asked for")
    case .choosing:
      if found.files.isEmpty {
        let reason = "there is no file \(path)"
        return .decide(
          Verdict(
            summary: reason, type: "no_backup",
            findings: [
              "\(reason): no backup is at hand; cure: heroku pg:backups:capture, then "
                + "heroku pg:backups:download, or pg_dump -Fc"
            ]))
      }
      let dumps = found.files.compactMap(DumpFile.init)
      guard let newest = dumps.max(by: { $0.isOlder(than: $1) }) else {
        return .decide(Verdict(found.problems))
      }
      guard case .archive(let archive) = newest.kind, archive.layout == .custom else {
        return .decide(judge(newest, found.problems, readAt))
      }
      state = .reading(newest, found.problems)
      return .read(
        FileRequest([newest.path], portion: .ends(head: Self.contents, tail: Self.end)))
    case .reading(let chosen, let problems):
      guard let file = found.files.first, let again = DumpFile(file) else {
        return .decide(Verdict(problems + found.problems))
      }
      guard again.size == chosen.size else {
        return .decide(Verdict(Self.changed(chosen.path)))
      }
      // Why there is none is told when the dump is judged.
      guard case .archive = again.kind, let archive = try? DumpArchive(again.head) else {
        return .decide(judge(again, problems, readAt))
      }
      var blocks = DumpBlocks(archive, size: again.size)
      blocks.read(again.head, from: 0)
      return follow(again, archive, blocks, problems, readAt)
    case .following(let dump, let archive, var blocks, let problems):
      guard case .ends(let bytes, _, let size)? = found.files.first?.content, size == dump.size,
        !bytes.isEmpty
      else {
        return .decide(Verdict(problems + found.problems + [Self.changed(dump.path)]))
      }
      blocks.read(bytes, from: blocks.position)
      return follow(dump, archive, blocks, problems, readAt)
    }
  }

  private mutating func follow(
    _ dump: DumpFile, _ archive: DumpArchive, _ blocks: DumpBlocks,
    _ problems: [Verdict.Unchecked], _ readAt: Timestamp
  ) -> Move {
    if blocks.isFinished { return .decide(judge(dump, problems, readAt, blocks)) }
    state = .following(dump, archive, blocks, problems)
    return .read(
      FileRequest([dump.path], portion: .part(from: blocks.position, count: Self.contents)))
  }

  private static func changed(_ path: String) -> Verdict.Unchecked {
    Verdict.Unchecked(
      type: "unstable_data", reason: "\(path) changed while it was read",
      remedy: "run parity when the dump is finished")
  }

  private static var unnamed: Verdict {
    Verdict(
      Verdict.Unchecked(
        type: "not_named", reason: "the spec does not name the backup's file",
        remedy: "heroku pg:backups:download --output backups/latest.dump (or pg_dump -Fc), and "
          + "`backup: { newer_than: …, file: backups/*.dump }`"))
  }

  // MARK: Judging

  private func judge(
    _ dump: DumpFile, _ problems: [Verdict.Unchecked], _ readAt: Timestamp,
    _ blocks: DumpBlocks? = nil
  ) -> Verdict {
    var verdict = Verdict(summary: "", type: "bad_backup")
    verdict.unchecked = problems
    age(dump, readAt, &verdict)
    switch dump.kind {
    case .empty: verdict.findings.append("\(dump.path) is empty; cure: take a backup again")
    case .cutShort: verdict.findings.append(dump.cutShort)
    case .plain(let isWhole):
      if !isWhole { verdict.findings.append(dump.cutShort) }
      verdict.notes.append(
        "\(dump.path) is a dump as SQL: which tables it holds is not looked at, and its age is that "
          + "of the file, which copying renews; an archive (pg_dump -Fc) tells both")
    case .other(let reason):
      verdict.unchecked.append(
        Verdict.Unchecked(
          type: "not_comparable", reason: "\(dump.path): \(reason)",
          remedy: "take the backup as an archive, as heroku pg:backups and pg_dump -Fc do"))
    case .archive(let header) where header.layout != .custom:
      verdict.unchecked.append(
        Verdict.Unchecked(
          type: "not_comparable",
          reason:
            "\(dump.path) is part of a dump in the format \(header.layout), of which it cannot "
            + "be told whether it is whole",
          remedy: "take the backup as one archive, as heroku pg:backups and pg_dump -Fc do"))
    case .archive: contents(dump, blocks, &verdict)
    }
    if verdict.findings.isEmpty {
      verdict.summary =
        verdict.unchecked.first?.reason.firstLine
        ?? "\(dump.path), \(grouped(dump.size)) bytes, of \(dump.time.map { "\($0)" } ?? "?")"
    } else {
      verdict.summary =
        verdict.findings.count == 1
        ? verdict.findings[0].split(separator: ";").first.map(String.init) ?? ""
        : "\(dump.path): \(counted(verdict.findings.count, "finding"))"
    }
    return verdict
  }

  private func age(_ dump: DumpFile, _ readAt: Timestamp, _ verdict: inout Verdict) {
    guard let time = dump.time else {
      verdict.unchecked.append(
        Verdict.Unchecked(
          type: "undated", reason: "it is not known when \(dump.path) was made"))
      return
    }
    let oldest = readAt.moved(by: -newerThan.seconds)
    if time < oldest {
      verdict.findings.append(
        "\(dump.path) is of \(time), more than \(newerThan.words) before the run; cure: "
          + "heroku pg:backups:capture, then heroku pg:backups:download")
    } else if time > readAt.moved(by: 300) {
      verdict.unchecked.append(
        Verdict.Unchecked(
          type: "undated",
          reason: "\(dump.path) is of \(time), after the run's read point \(readAt)",
          remedy:
            "is a clock wrong, or was the archive made in a zone ahead of UTC? pg_dump does not "
            + "tell its zone: TZ=UTC pg_dump -Fc"))
    }
    if case .archive = dump.kind {
      verdict.notes.append(
        "the archive's own time bears no zone and was read as UTC, but not as later than its file")
    }
  }

  /// What the archive's table of contents tells.
  private func contents(_ dump: DumpFile, _ blocks: DumpBlocks?, _ verdict: inout Verdict) {
    let archive: DumpArchive
    do throws(DumpArchive.Problem) {
      archive = try DumpArchive(dump.head)
    } catch {
      switch error {
      case .cutShort where dump.size <= dump.head.count: verdict.findings.append(dump.cutShort)
      case .cutShort:
        verdict.unchecked.append(
          Verdict.Unchecked(
            type: "not_comparable",
            reason:
              "\(dump.path) has more contents than the \(grouped(dump.head.count)) bytes that "
              + "are looked at"))
      case .unknown(let reason):
        verdict.unchecked.append(
          Verdict.Unchecked(type: "not_comparable", reason: "\(dump.path): \(reason)"))
      }
      return
    }
    let filled = archive.entries.filter { $0.kind == "TABLE DATA" && $0.hasData }
    verdict.notes.append(
      "\(dump.path): archive of the database \(archive.database), written by pg_dump "
        + "\(archive.dumpVersion) from PostgreSQL \(archive.serverVersion), with the rows of "
        + counted(filled.count, "table"))
    if filled.isEmpty {
      verdict.findings.append(
        "\(dump.path) holds no rows: it is a dump of the schema alone; cure: take a backup with data"
      )
      return
    }
    if blocks?.isWhole != true { verdict.findings.append(dump.cutShort) }
    for subject in subjects where subject.spec.onlyIn?.value != .target {
      if let finding = absence(of: subject, in: archive, filled) {
        verdict.findings.append(finding)
      }
    }
  }

  /// What of a table the archive lacks.
  private func absence(
    of subject: TableSubject, in archive: DumpArchive, _ filled: [DumpArchive.Entry]
  ) -> String? {
    func isMeant(_ entry: DumpArchive.Entry) -> Bool {
      let (own, name) = (subject.source.schema.schema, subject.source.name)
      guard entry.schema == own.name else { return false }
      return name.isQuoted
        ? entry.name == name.text : sameName(name.text, Identifier(entry.name))
    }
    let kinds: Set<String> = ["TABLE", "FOREIGN TABLE", "VIEW", "MATERIALIZED VIEW"]
    guard let entry = archive.entries.first(where: { kinds.contains($0.kind) && isMeant($0) })
    else { return "the archive does not hold \(subject.source); cure: take a backup of all tables" }
    // Rows of a partitioned table are those of its parts.
    guard entry.kind == "TABLE", !entry.definition.contains("PARTITION BY"),
      !filled.contains(where: isMeant)
    else { return nil }
    return "the archive holds \(subject.source) without its rows; cure: take a backup of all tables"
  }
}

/// A file that may be a dump, as far as its ends tell.
struct DumpFile: Sendable {
  enum Kind: Sendable {
    case empty
    /// It begins as an archive, and ends before its header does.
    case cutShort
    /// Only the header was read.
    case archive(DumpArchive)
    case plain(isWhole: Bool)
    /// Why nothing can be told, in lower case.
    case other(String)
  }

  let path: String
  let head: [UInt8]
  let tail: [UInt8]
  let size: Int
  let kind: Kind
  /// When it was made, as far as is known: an archive's own time where it is not later than its
  /// file's.
  let time: Timestamp?

  init?(_ file: FoundFile) {
    guard case .ends(let head, let tail, let size) = file.content else { return nil }
    path = file.path
    (self.head, self.tail, self.size) = (head, tail, size)
    kind = Self.kind(head, tail)
    guard case .archive(let archive) = kind else {
      time = file.modified
      return
    }
    time = file.modified.map { min($0, archive.localTime) } ?? archive.localTime
  }

  func isOlder(than other: DumpFile) -> Bool {
    (time ?? Timestamp(microseconds: .min), path) < (
      other.time ?? Timestamp(microseconds: .min), other.path
    )
  }

  private static func kind(_ head: [UInt8], _ tail: [UInt8]) -> Kind {
    if head.isEmpty { return .empty }
    if head.starts(with: DumpArchive.magic) {
      do throws(DumpArchive.Problem) {
        return .archive(try DumpArchive(head, headerOnly: true))
      } catch {
        switch error {
        case .cutShort: return .cutShort
        case .unknown(let reason): return .other(reason)
        }
      }
    }
    if head.starts(with: [0x1F, 0x8B]) || head.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) {
      return .other("it is compressed, and not looked into")
    }
    let beginning = String(decoding: head, as: UTF8.self)
    guard beginning.contains("-- PostgreSQL database") else {
      return .other("it is no dump that pg_dump writes as an archive or as SQL")
    }
    return .plain(isWhole: isFinished(String(decoding: tail, as: UTF8.self)))
  }

  /// Whether the last remark of a dump stands at the end, with nothing but pg_dump's own lines behind.
  private static func isFinished(_ tail: String) -> Bool {
    for line in tail.split(separator: "\n").reversed() {
      if line.hasPrefix("-- PostgreSQL database "), line.hasSuffix("dump complete") { return true }
      guard line == "--" || line.hasPrefix("-- Completed on ") || line.hasPrefix("\\unrestrict ")
      else { return false }
    }
    return false
  }

  var cutShort: String {
    "\(path) is cut short (\(grouped(size)) bytes): it cannot be restored; cure: take or copy it again"
  }
}

extension Verdict {
  /// Nothing but what could not be looked at.
  init(_ unchecked: [Unchecked]) {
    self.init(
      summary: unchecked.first?.reason.firstLine ?? "nothing was read", unchecked: unchecked)
  }
}
