import Cryptography
import Foundation
import SpecCore

/// The files that a spec names, from the folder it stands in.
struct DiskFiles: Files {
  /// The spec's folder.
  let base: String

  /// Of the spec at this path; of the working folder for one that came from standard input.
  init(besides spec: String) {
    base = spec == "-" ? "." : Disk.folder(of: spec)
  }

  func read(_ request: FileRequest) async -> FoundFiles {
    var found = FoundFiles()
    var seen: Set<String> = []
    var left = request.limit
    for wanted in request.paths {
      let listing = expanded(wanted, request)
      if listing.files.isEmpty, listing.unlisted.isEmpty { found.missing.append(wanted) }
      found.skipped += listing.skipped
      for (folder, reason) in listing.unlisted where seen.insert(folder).inserted {
        found.files.append(FoundFile(folder, .unreadable(reason)))
      }
      for path in listing.files where seen.insert(path).inserted {
        let file = read(path, request, limit: left)
        left -= file.bytes?.count ?? 0
        found.files.append(file)
      }
    }
    found.files.sort { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    found.skipped = Set(found.skipped).sorted()
    return found
  }

  private func read(_ path: String, _ request: FileRequest, limit: Int) -> FoundFile {
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
      let ends: (head: [UInt8], tail: [UInt8], size: Int)?
      switch request.portion {
      case .whole: ends = nil
      case .ends(let head, let tail): ends = try Disk.ends(of: place, head: head, tail: tail)
      case .part(let start, let count):
        ends = try Disk.ends(of: place, from: start, head: count, tail: 0)
      }
      if let ends {
        return FoundFile(
          path, .ends(head: ends.head, tail: ends.tail, size: ends.size), modified: modified)
      }
      let bytes = try Disk.read(place, limit: limit)
      guard bytes.count <= limit else {
        return FoundFile(
          path, .unreadable("the files are larger than the limit"), modified: modified)
      }
      return FoundFile(
        path, .bytes(bytes), modified: modified,
        sha256: request.isDigested ? SHA256Digest(of: bytes).hex : nil)
    } catch {
      return FoundFile(path, .unreadable(error.message), modified: modified)
    }
  }

  private func place(_ path: String) -> String {
    path.hasPrefix("/") || base.isEmpty ? path : "\(base)/\(path)"
  }

  // MARK: Which files

  private enum Kind { case file, folder, none }

  private func kind(_ path: String) -> Kind {
    var status = stat()
    guard stat(place(path), &status) == 0 else { return .none }
    return status.st_mode & S_IFMT == S_IFDIR ? .folder : .file
  }

  /// What is below a folder.
  private struct Listing {
    var files: [String] = []
    /// Folders that could not be listed, with the reason.
    var unlisted: [(String, String)] = []
    /// Folders that were not looked into because the request skips them.
    var skipped: [String] = []
  }

  /// The files that a path or a pattern stands for; none where there is nothing.
  private func expanded(_ path: String, _ request: FileRequest) -> Listing {
    let parts = path.split(separator: "/").map(String.init).filter { $0 != "." }
    let root = path.hasPrefix("/") ? "/" : ""
    let fixed = parts.prefix { !$0.contains { "*?".contains($0) } }
    let start = root + fixed.joined(separator: "/")
    if fixed.count == parts.count {
      switch kind(start.isEmpty ? "." : start) {
      case .none: return Listing()
      case .file: return Listing(files: [start])
      case .folder:
        var listing = below(start, request.skipped)
        listing.files = listing.files.filter { file in
          request.endings.isEmpty
            || request.endings.contains { file.lowercased().hasSuffix($0) }
        }
        return listing
      }
    }
    let pattern = Array(parts[fixed.count...])
    var listing = below(start, request.skipped)
    listing.files = listing.files.filter { file in
      let inner = start.isEmpty ? file[...] : file.dropFirst(start.count + (start == "/" ? 0 : 1))
      return PathPattern.matches(pattern[...], inner.split(separator: "/").map(String.init)[...])
    }
    return listing
  }

  /// Every file below a folder, but for hidden ones; a folder that links lead back to is listed once.
  private func below(_ folder: String, _ skipped: [FileRequest.SkippedFolder]) -> Listing {
    var listing = Listing()
    guard kind(folder.isEmpty ? "." : folder) == .folder else { return listing }
    var folders = [folder]
    var seen: Set<Place> = []
    while let next = folders.popLast() {
      guard let place = Place(self.place(next.isEmpty ? "." : next)), seen.insert(place).inserted
      else { continue }
      let names: [String]
      do throws(DiskError) {
        names = try Disk.names(in: self.place(next.isEmpty ? "." : next))
      } catch {
        listing.unlisted.append((next, error.message))
        continue
      }
      let besides = Set(names)
      for name in names where !name.hasPrefix(".") {
        let path = next.isEmpty ? name : next == "/" ? "/\(name)" : "\(next)/\(name)"
        switch kind(path) {
        case .folder:
          if skipped.contains(where: { $0.name == name && besides.contains($0.sibling) }) {
            listing.skipped.append(path)
          } else if !leadsUp(path, from: next) {
            folders.append(path)
          }
        // A link that leads nowhere is a file that cannot be read.
        case .file, .none: listing.files.append(path)
        }
      }
    }
    listing.files.sort()
    return listing
  }

  /// Whether a folder is a link to one that the other is in: what is below that was not asked for.
  private func leadsUp(_ path: String, from folder: String) -> Bool {
    var status = stat()
    guard lstat(place(path), &status) == 0, status.st_mode & S_IFMT == S_IFLNK,
      let target = Self.real(place(path)),
      let here = Self.real(place(folder.isEmpty ? "." : folder))
    else { return false }
    return here == target || here.hasPrefix(target == "/" ? "/" : "\(target)/")
  }

  /// The path without links.
  private static func real(_ path: String) -> String? {
    guard let found = realpath(path, nil) else { return nil }
    defer { free(found) }
    return String(cString: found)
  }

  /// A folder as the disk knows it, whichever way one came to it.
  private struct Place: Hashable {
    let device: UInt64
    let node: UInt64

    init?(_ path: String) {
      var status = stat()
      guard stat(path, &status) == 0 else { return nil }
      device = UInt64(status.st_dev)
      node = UInt64(status.st_ino)
    }
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
