import Foundation
import SpecCore
import Synchronization

/// Writes every differing row that a run reads to one CSV file a check, as the rows come.
///
/// A line is a differing value, or a row that one side lacks: kind, key, column, both values. NULL
/// is an empty field, an empty text is `""` (RFC 4180 leaves that distinction to quotation marks).
/// They get their names when the run ends; `docs/comparing.md` says which of them are complete.
final class DifferenceFiles: Sendable {
  private struct State {
    var files: [String: FileHandle] = [:]
    var problem: String?
  }

  private let folder: String
  private let state = Mutex(State())

  /// Makes the folder, so that a wrong one is found before anything is run.
  init(folder: String) throws(DiskError) {
    self.folder = folder
    try Disk.prepare("\(folder)/differences")
  }

  /// Adds rows to the check's file.
  func add(
    _ id: CheckID, _ comparison: Move.Comparison, _ differences: [KeyedMerge.Difference]
  ) {
    var text = ""
    for difference in differences {
      let key = zip(difference.key, comparison.keyForms).map(Self.field)
      let start = ([difference.kind.rawValue] + key).joined(separator: ",")
      if difference.cells.isEmpty { text += "\(start),,,\r\n" }
      for cell in difference.cells {
        let form = comparison.columnForms[cell.column]
        text +=
          "\(start),\(Self.quoted(comparison.columnNames[cell.column])),"
          + "\(Self.field(cell.source, form)),\(Self.field(cell.target, form))\r\n"
      }
    }
    let name = "\(id.object).\(id.check).csv"
    let header =
      (["kind"] + comparison.keyNames.map(Self.quoted) + ["column", "source", "target"])
      .joined(separator: ",") + "\r\n"
    state.withLock { state in
      guard state.problem == nil else { return }
      do {
        let file: FileHandle
        if let known = state.files[name] {
          file = known
        } else {
          let path = partial(name)
          guard FileManager.default.createFile(atPath: path, contents: Data(header.utf8)),
            let made = FileHandle(forWritingAtPath: path)
          else {
            state.problem = "cannot write \(path)"
            return
          }
          try made.seekToEnd()
          state.files[name] = made
          file = made
        }
        try file.write(contentsOf: Data(text.utf8))
      } catch {
        state.problem = "cannot write \(folder)/\(name): \(error.localizedDescription)"
      }
    }
  }

  /// Gives the files their names; what kept them from being whole, if anything.
  func finish() -> String? {
    state.withLock { state in
      for (name, file) in state.files {
        do {
          try file.close()
          guard rename(partial(name), "\(folder)/\(name)") == 0 else {
            state.problem = state.problem ?? "cannot write \(folder)/\(name)"
            continue
          }
        } catch {
          state.problem =
            state.problem ?? "cannot write \(folder)/\(name): \(error.localizedDescription)"
        }
      }
      state.files = [:]
      return state.problem
    }
  }

  private func partial(_ name: String) -> String { "\(folder)/.\(name).partial" }

  /// A value as a person reads it; a digest for one that is not shown.
  private static func field(_ value: String?, _ form: CanonicalForm?) -> String {
    guard let value else { return "" }
    guard let form else { return quoted("digest \(value.prefix(12))") }
    return quoted(ShownValue.of(value, form: form))
  }

  private static func quoted(_ text: String) -> String {
    let isPlain =
      !text.isEmpty
      && text.utf8.allSatisfy { $0 != 0x22 && $0 != 0x2C && $0 != 0x0A && $0 != 0x0D }
    if isPlain { return text }
    return "\""
      + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
      + "\""
  }
}
