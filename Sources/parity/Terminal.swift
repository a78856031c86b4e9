import Diagnostics
import Foundation
import Reporting

/// One of the process's output streams and what it can show.
struct Terminal: Sendable {
  static let output = Terminal(descriptor: STDOUT_FILENO)
  static let errors = Terminal(descriptor: STDERR_FILENO)

  let descriptor: Int32

  /// Whether a person looks at it.
  var isInteractive: Bool { isatty(descriptor) == 1 }

  /// Columns; 80 where nobody knows.
  var width: Int {
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 20 else { return 80 }
    return Int(size.ws_col)
  }

  /// Writes all of the text, or ends the process: output that is cut short must not look whole.
  ///
  /// A closed pipe is no error: its reader has seen enough, and the exit code still tells.
  func write(_ text: String) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
      if count > 0 {
        bytes = bytes.dropFirst(count)
      } else if errno == EPIPE {
        return
      } else if errno != EINTR && errno != EAGAIN {
        guard descriptor == STDOUT_FILENO else { return }
        let reason = String(cString: strerror(errno)).lowercased()
        Terminal.errors.write("error: cannot write standard output: \(reason)\n")
        Foundation.exit(ExitStatus.couldNotCheck.rawValue)
      }
    }
  }
}

/// When colours are used.
enum ColourChoice: String, CaseIterable, Sendable {
  case always, never, auto

  /// `--color` > `NO_COLOR` > `CLICOLOR_FORCE` > `CLICOLOR` and `TERM` > is a terminal.
  func look(for terminal: Terminal, environment: [String: String]) -> Look {
    let isColoured: Bool
    switch self {
    case .always: isColoured = true
    case .never: isColoured = false
    case .auto:
      if environment["NO_COLOR"].map({ !$0.isEmpty }) ?? false {
        isColoured = false
      } else if environment["CLICOLOR_FORCE"].map({ !$0.isEmpty && $0 != "0" }) ?? false {
        isColoured = true
      } else if environment["CLICOLOR"] == "0" || environment["TERM"] == "dumb" {
        isColoured = false
      } else {
        isColoured = terminal.isInteractive
      }
    }
    let locale = environment["LC_ALL"] ?? environment["LC_CTYPE"] ?? environment["LANG"] ?? ""
    let isUnicode = locale.uppercased().contains("UTF-8") || locale.uppercased().contains("UTF8")
    return Look(style: isColoured ? .coloured : .plain, usesUnicode: isUnicode)
  }
}
