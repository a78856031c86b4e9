import Glibc
import Synchronization
internal import SpecCore

/// Wakes one connection's thread out of its wait for the server; any thread may ring.
final class Bell: Sendable {
  /// Becomes readable when the bell was rung.
  let descriptor: Int32
  /// What ringing pulls.
  private let rope: Int32

  /// Throws when the process has no file descriptors left.
  init() throws(DatabaseError) {
    var ends: [Int32] = [-1, -1]
    let kind = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
    guard unsafe socketpair(AF_UNIX, Int32(kind), 0, &ends) == 0 else {
      throw DatabaseError(
        .configuration, "no file descriptors left for another connection",
        hint: "raise the limit with `ulimit -n`, or use fewer `--jobs`")
    }
    descriptor = ends[0]
    rope = ends[1]
  }

  deinit {
    close(descriptor)
    close(rope)
  }

  /// Makes the descriptor readable; a full buffer is rung already.
  func ring() {
    var byte: UInt8 = 1
    _ = unsafe write(rope, &byte, 1)
  }

  /// Makes the descriptor unreadable again.
  func hush() {
    var bytes: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0]
    while unsafe read(descriptor, &bytes, bytes.count) == bytes.count {}
  }
}

/// A wish to stop one statement (or a whole connection); once said it stays said.
final class Interrupt: Sendable {
  private let bell: Bell
  private let wished = Atomic<Bool>(false)

  /// A wish that `bell` carries to the connection.
  init(ringing bell: Bell) { self.bell = bell }

  /// Whether somebody asked to stop.
  var isWished: Bool { wished.load(ordering: .acquiring) }

  /// Asks to stop; returns at once, from any thread.
  func wish() {
    wished.store(true, ordering: .releasing)
    bell.ring()
  }
}

/// What ends a wait for the server: the server, a wish to stop, or the clock.
struct Patience {
  /// Why a wait ended.
  enum End: Hashable {
    case ready
    case interrupted
    case expired
  }

  let bell: Bell
  /// Whoever may end the wait early.
  let interrupts: [Interrupt]
  /// When the wait ends anyhow; `nil` for never.
  var deadline: ContinuousClock.Instant?

  /// The same patience, deaf to wishes, for `seconds` from now: for tidying up after a wish.
  func deaf(for seconds: Int) -> Patience {
    Patience(bell: bell, interrupts: [], deadline: .now + .seconds(seconds))
  }

  /// Waits until the descriptor is ready to be read (or written), or patience ends; a `tick`
  /// counts as ready as well.
  func wait(for descriptor: Int32, toWrite: Bool = false, tick: Duration? = nil) -> End {
    let next = tick.map { ContinuousClock.now + $0 }
    while true {
      if interrupts.contains(where: \.isWished) { return .interrupted }
      var watched = [
        pollfd(fd: descriptor, events: Int16(toWrite ? POLLOUT : POLLIN), revents: 0),
        pollfd(fd: bell.descriptor, events: Int16(POLLIN), revents: 0),
      ]
      let end = [deadline, next].compactMap(\.self).min()
      let count = unsafe poll(&watched, nfds_t(watched.count), Self.milliseconds(until: end))
      if let deadline, deadline <= .now, count == 0 { return .expired }
      if let next, next <= .now, count == 0 { return .ready }
      // A negative count is EINTR: look again.
      guard count > 0 else { continue }
      if watched[1].revents != 0 { bell.hush() }
      if interrupts.contains(where: \.isWished) { return .interrupted }
      if watched[0].revents != 0 { return .ready }
    }
  }

  /// The argument of `poll`: rounded up, and -1 for a wait without an end.
  private static func milliseconds(until end: ContinuousClock.Instant?) -> Int32 {
    guard let end else { return -1 }
    let left = ContinuousClock.now.duration(to: end)
    return left > .zero ? Int32(clamping: Int(min(left / .milliseconds(1), 1e9)) + 1) : 0
  }
}
