import Foundation
import SpecCore

/// The files that a spec names, from the folder it stands in.
struct DiskFiles: Files {
  /// The spec's folder.
  let base: String

  /// Of the spec at this path; of the working folder for one that came from standard input.
  init(besides spec: String) {
    base = spec == "-" ? "." : (spec as NSString).deletingLastPathComponent
  }

  func read(_ request: FileRequest) async -> FoundFiles {
    var found = FoundFiles()
    var seen: Set<String> = []
    var left = request.limit
    for wanted in request.paths {
      let paths: [String]
      do throws(DiskError) {
        paths = try expanded(wanted, endings: request.endings)
      } catch {
        found.files.append(FoundFile(wanted, .unreadable(error.message)))
        continue
      }
      if paths.isEmpty { found.missing.append(wanted) }
      for path in paths where seen.insert(path).inserted {
        let file = read(path, limit: left)
        left -= file.bytes?.count ?? 0
        found.files.append(file)
      }
    }
    found.files.sort { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    return found
  }

  private func read(_ path: String, limit: Int) -> FoundFile {
    let place = place(path)
    var status = stat()
    guard stat(place, &status) == 0 else {
      return FoundFile(path, .unreadable(String(cString: strerror(errno)).lowercased()))
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      // A pipe would be waited for, and a device has no end.
      return FoundFile(path, .unreadable("it is not a regular file"))
    }
    let modified = Timestamp(
      microseconds: Int64(status.st_mtim.tv_sec) * 1_000_000
        + Int64(status.st_mtim.tv_nsec) / 1_000)
    do throws(DiskError) {
      let bytes = try Disk.read(place, limit: limit)
      guard bytes.count <= limit else {
        return FoundFile(
          path, .unreadable("the files are larger than the limit"), modified: modified)
      }
      return FoundFile(path, .bytes(bytes), modified: modified)
    } catch {
      return FoundFile(path, .unreadable(error.message), modified: modified)
    }
  }

  private func place(_ path: String) -> String {
    path.hasPrefix("/") || base.isEmpty ? path : "\(base)/\(path)"
  }

  // MARK: Which files

  private enum Kind { case file, folder, none }

  private func kind(_ path: String, followsLinks: Bool = true) -> Kind {
    var status = stat()
    let result = followsLinks ? stat(place(path), &status) : lstat(place(path), &status)
    guard result == 0 else { return .none }
    return status.st_mode & S_IFMT == S_IFDIR ? .folder : .file
  }

  /// The files that a path or a pattern stands for; empty for none.
  private func expanded(_ path: String, endings: [String]) throws(DiskError) -> [String] {
    let parts = path.split(separator: "/").map(String.init).filter { $0 != "." }
    let root = path.hasPrefix("/") ? "/" : ""
    let fixed = parts.prefix { !$0.contains { "*?".contains($0) } }
    let start = root + fixed.joined(separator: "/")
    if fixed.count == parts.count {
      switch kind(start.isEmpty ? "." : start) {
      case .none: return []
      case .file: return [start]
      case .folder:
        return try below(start).filter { file in
          endings.isEmpty || endings.contains { file.lowercased().hasSuffix($0) }
        }
      }
    }
    let pattern = Array(parts[fixed.count...])
    return try below(start).filter { file in
      let inner = start.isEmpty ? file[...] : file.dropFirst(start.count + (start == "/" ? 0 : 1))
      return PathPattern.matches(pattern[...], inner.split(separator: "/").map(String.init)[...])
    }
  }

  /// Every file below a folder, but for hidden ones; links to folders are not followed.
  private func below(_ folder: String) throws(DiskError) -> [String] {
    guard kind(folder.isEmpty ? "." : folder) == .folder else { return [] }
    var files: [String] = []
    var folders = [folder]
    while let next = folders.popLast() {
      let names: [String]
      do {
        names = try FileManager.default.contentsOfDirectory(
          atPath: place(next.isEmpty ? "." : next))
      } catch {
        throw DiskError(message: "the folder \(next) cannot be listed")
      }
      for name in names where !name.hasPrefix(".") {
        let path = next.isEmpty ? name : next == "/" ? "/\(name)" : "\(next)/\(name)"
        switch kind(path, followsLinks: false) {
        case .folder: folders.append(path)
        case .file where kind(path) == .file: files.append(path)
        case .file, .none: break
        }
      }
    }
    return files.sorted()
  }
}

/// Patterns of paths, part by part.
enum PathPattern {
  /// Whether the pattern fits the whole path; `**` fits any number of folders, also none.
  static func matches(_ pattern: ArraySlice<String>, _ path: ArraySlice<String>) -> Bool {
    // Row by row, so that many `**` cannot take exponential time.
    var fits = [true] + path.map { _ in false }
    for part in pattern {
      var next = fits.map { _ in false }
      if part == "**" {
        var reached = false
        for position in fits.indices {
          reached = reached || fits[position]
          next[position] = reached
        }
      } else {
        for (position, name) in path.enumerated() where fits[position] {
          next[position + 1] = fnmatch(part, name, FNM_PERIOD) == 0
        }
      }
      fits = next
    }
    return fits.last == true
  }
}
