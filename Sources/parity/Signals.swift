import Dispatch
import Foundation
import Runner
import SpecCore

/// Turns Ctrl-C and SIGTERM into a run that stops and still writes its reports.
struct Signals {
  private let sources: [any DispatchSourceSignal]

  /// Listens; a second signal ends the process at once.
  init(stopping stop: StopSwitch) {
    sources = [(SIGINT, RunResult.Interruption.interrupt), (SIGTERM, .terminate)].map {
      number, kind in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler {
        if stop.reason == .interrupt || stop.reason == .terminate {
          Foundation.exit(128 + number)
        }
        Terminal.errors.write("stopping: reports are written; once more to end at once\n")
        stop.stop(kind)
      }
      source.resume()
      return source
    }
    // A closed pipe is an error of write(), not a death.
    signal(SIGPIPE, SIG_IGN)
  }

  /// Stops listening.
  func end() { for source in sources { source.cancel() } }
}
