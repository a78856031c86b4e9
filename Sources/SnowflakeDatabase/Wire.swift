package import Cryptography

/// One HTTP request of the SQL API, without host and without the headers common to all.
package struct WireRequest: Sendable {
  package enum Method: String, Hashable, Sendable {
    case get = "GET"
    case post = "POST"
  }

  package var method: Method
  /// Path and query, starting with `/`.
  package var path: String
  package var body: [UInt8]
  package var token: Secret
  package var tokenType: Credentials.TokenType
  /// Seconds until the head of the answer must be there.
  package var patience: Double

  package init(
    _ method: Method, _ path: String, body: [UInt8] = [], token: Secret,
    tokenType: Credentials.TokenType, patience: Double
  ) {
    self.method = method
    self.path = path
    self.body = body
    self.token = token
    self.tokenType = tokenType
    self.patience = patience
  }
}

/// One HTTP answer, already decompressed.
package struct WireReply: Hashable, Sendable {
  package var status: Int
  /// Seconds the server asks us to wait, from `Retry-After`.
  package var retryAfter: Double?
  package var body: [UInt8]

  package init(status: Int, retryAfter: Double? = nil, body: [UInt8] = []) {
    self.status = status
    self.retryAfter = retryAfter
    self.body = body
  }
}

/// Why there is no answer.
package enum WireFailure: Error, Hashable, Sendable {
  /// The name does not resolve, or nothing accepts connections there.
  case unreachable(String)
  /// TLS failed, or the certificate is not trusted.
  case untrusted(String)
  /// The connection broke after it had been made, or the answer was cut short.
  case lost(String)
  /// No answer in time.
  case silent
  /// The answer passed the limit on its size.
  case tooLarge(limit: Int)
  /// The request could not be sent as it is: a mistake of ours or of the configuration.
  case refused(String)
  /// The task was cancelled.
  case cancelled
}

/// Sends requests to one server; the real one is ``HTTPTransport``.
package protocol Transport: Sendable {
  /// Sends one request and returns whatever the server says to it, of any status.
  func send(_ request: WireRequest) async throws(WireFailure) -> WireReply

  /// Closes every connection.
  func close() async
}
