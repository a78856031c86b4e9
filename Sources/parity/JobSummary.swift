import Foundation
import Reporting
import SpecCore

/// The summary that GitHub shows below a job, which several steps and specs may share.
enum JobSummary {
  /// GitHub refuses the whole summary of a step above this.
  private static let limit = 1_048_576

  /// Appends what came of a run to the file that GitHub names; says so where that does not work,
  /// as a summary that is not there changes no verdict.
  static func append(_ result: RunResult, reportPath: String?, to path: String) {
    var status = stat()
    let size = stat(path, &status) == 0 ? Int(status.st_size) : 0
    let room = limit - size - 1_024
    guard room > 10_000 else {
      Terminal.errors.write("note: the job summary is full; this run is not in it\n")
      return
    }
    let text = MarkdownReporter(reportPath: reportPath, limit: room).render(result)
    guard let file = FileHandle(forWritingAtPath: path) ?? created(path) else {
      Terminal.errors.write("note: cannot write the job summary \(path)\n")
      return
    }
    do {
      try file.seekToEnd()
      try file.write(contentsOf: Data((text + "\n").utf8))
      try file.close()
    } catch {
      Terminal.errors.write("note: cannot write the job summary \(path)\n")
    }
  }

  private static func created(_ path: String) -> FileHandle? {
    FileManager.default.createFile(atPath: path, contents: nil)
      ? FileHandle(forWritingAtPath: path) : nil
  }
}
