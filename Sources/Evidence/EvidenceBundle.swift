import Reporting
package import SpecCore

/// All evidence of one run, as files that can be read without Parity; the same input gives the
/// same bytes.
package struct EvidenceBundle: Sendable {
  package let run: RunResult
  /// What was to be checked; `nil` where the run ended before that was known.
  package let plan: Plan?
  /// The bytes that were run.
  package let spec: [UInt8]
  package let reports: Reports
  package let origin: Origin
  /// The run before this one, where there was one.
  package let previous: Link?

  package init(
    run: RunResult, plan: Plan?, spec: [UInt8], reports: Reports, origin: Origin, previous: Link?
  ) {
    self.run = run
    self.plan = plan
    self.spec = spec
    self.reports = reports
    self.origin = origin
    self.previous = previous
  }

  /// Documents that others made of the same run.
  package struct Reports: Sendable {
    package var json: String
    package var junit: String
    package var html: String
    /// A line for each statement.
    package var log: String

    package init(json: String, junit: String, html: String, log: String) {
      self.json = json
      self.junit = junit
      self.html = html
      self.log = log
    }
  }

  /// By what, from what and where a run was made.
  package struct Origin: Sendable {
    /// SHA-256 of the program's file, hexadecimal.
    package var toolSHA256: String
    /// `nil` where the spec is in no repository, or git cannot be asked.
    package var git: GitState?
    /// The page of the build server's run.
    package var url: String?
    /// What the digests of the run are keyed by.
    package var seed: String
    /// The words that selected a part of the spec; none where all of it was run.
    package var selection: [String]
    /// Files that the run read besides the spec, from the spec's folder.
    package var inputs: [Input]

    package init(
      toolSHA256: String, git: GitState?, url: String?, seed: String, selection: [String],
      inputs: [Input]
    ) {
      self.selection = selection
      self.toolSHA256 = toolSHA256
      self.git = git
      self.url = url
      self.seed = seed
      self.inputs = inputs
    }
  }

  /// The state of the repository that the spec is in.
  package struct GitState: Hashable, Sendable {
    package var commit: String
    /// Whether anything there was changed since, or is not under version control.
    package var isDirty: Bool

    package init(commit: String, isDirty: Bool) {
      self.commit = commit
      self.isDirty = isDirty
    }
  }

  /// A file that a run read.
  package struct Input: Hashable, Sendable, Comparable {
    package var path: String
    package var sha256: String

    package init(path: String, sha256: String) {
      self.path = path
      self.sha256 = sha256
    }

    package static func < (left: Self, right: Self) -> Bool {
      (left.path, left.sha256) < (right.path, right.sha256)
    }
  }

  /// Another bundle.
  package struct Link: Hashable, Sendable {
    package var run: String
    /// The folder's name, beside this one's.
    package var folder: String
    /// SHA-256 of its `SHA256SUMS`, which stands for all of it.
    package var manifestSHA256: String

    package init(run: String, folder: String, manifestSHA256: String) {
      self.run = run
      self.folder = folder
      self.manifestSHA256 = manifestSHA256
    }
  }

  /// What stands for the environment where a spec has only one.
  package static let defaultEnvironment = "default"

  /// The environment's name in all records.
  package var environment: String { run.environment ?? Self.defaultEnvironment }

  /// The folder's name: `2026-11-23T030146Z-shop-rehearsal`.
  package var folder: String {
    let time = run.startedAt.description.filter { $0 != ":" }
    let name = "\(run.spec.slug)-\(environment)".map { character in
      character.isASCII && (character.isLetter || character.isNumber) || "-_".contains(character)
        ? character : "_"
    }
    return "\(time)-\(String(name.prefix(120)))"
  }

  /// The first line of a reader's instructions: which files there are, in the order of the manifest.
  package var files: [(name: String, bytes: [UInt8])] {
    let datasets = (name: "datasets.json", bytes: Self.bytes(of: self.datasets))
    let results = (name: "results.json", bytes: Self.bytes(of: self.results))
    let plan = (name: "plan.json", bytes: Self.bytes(of: planned))
    let spec = (name: "spec.yml", bytes: self.spec)
    let report = (name: "report.json", bytes: Array(reports.json.utf8))
    let statement = statement(
      about: datasets, configured: [spec, plan, results, report], mediaTypes: Self.mediaTypes)
    return [
      spec, plan, datasets, results, report,
      (name: "junit.xml", bytes: Array(reports.junit.utf8)),
      (name: "report.html", bytes: Array(reports.html.utf8)),
      (name: "log.jsonl", bytes: Array(reports.log.utf8)),
      (name: "statement.json", bytes: Self.bytes(of: statement)),
    ]
  }

  private static let mediaTypes = ["yml": "application/yaml", "json": "application/json"]

  private static func bytes(of document: JSONValue) -> [UInt8] {
    Array((document.rendered() + "\n").utf8)
  }
}
