import AsyncHTTPClient
import Cryptography
import Glibc
import NIOCore
import NIOHTTP1
import NIOHTTPCompression
import NIOPosix
import NIOSSL
package import SpecCore

/// The real ``Transport``: HTTPS with verified certificates, no redirects, bounded answers.
///
/// The only file that knows the HTTP library.
package struct HTTPTransport: Transport {
  private let client: HTTPClient
  private let origin: String
  private let userAgent: String

  /// Snowflake's partitions are at most 160 MB, so nothing true is larger.
  private static let limit = 268_435_456

  /// Prepares connections to the server; none is made before the first request.
  package init(
    _ address: AccountAddress, userAgent: String, environment: [String: String]
  ) throws(DatabaseError) {
    var tls = TLSConfiguration.makeClientConfiguration()
    tls.minimumTLSVersion = .tlsv12
    if let path = environment["SSL_CERT_FILE"], !path.isEmpty {
      do {
        tls.additionalTrustRoots = [.certificates(try NIOSSLCertificate.fromPEMFile(path))]
      } catch {
        throw DatabaseError(
          .configuration, "SSL_CERT_FILE names \(path), which holds no certificates in PEM")
      }
    }
    var configuration = HTTPClient.Configuration(
      tlsConfiguration: tls, redirectConfiguration: .disallow,
      // A submission is held for 45 s before the server says anything.
      timeout: .init(connect: .seconds(10), read: .seconds(100)),
      decompression: .enabled(limit: .size(Self.limit)))
    configuration.httpVersion = .http1Only
    // Trying again is the business of the machine above, which counts.
    configuration.connectionPool.retryConnectionEstablishment = false
    // As many as a measurement may have clients; how many statements run is decided above.
    configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 64
    if !address.isLocal,
      let proxy = try ProxyAddress(to: address.host, environment: environment)
    {
      configuration.proxy = .server(
        host: proxy.host, port: proxy.port,
        authorization: proxy.login.map {
          .basic(username: $0.user, password: $0.password.reveal())
        })
    }
    client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    origin = address.origin
    self.userAgent = userAgent
  }

  package func send(_ request: WireRequest) async throws(WireFailure) -> WireReply {
    do {
      let response = try await client.execute(
        prepared(request), timeout: .milliseconds(Int64(request.patience * 1_000)))
      var body: [UInt8] = []
      for try await part in response.body {
        guard body.count + part.readableBytes <= Self.limit else {
          throw WireFailure.tooLarge(limit: Self.limit)
        }
        body += part.readableBytesView
      }
      let wish = response.headers.first(name: "Retry-After").flatMap(Double.init)
      return WireReply(
        status: Int(response.status.code), retryAfter: wish.flatMap { $0 >= 0 ? $0 : nil },
        body: body)
    } catch {
      throw Task.isCancelled ? .cancelled : wireFailure(error, limit: Self.limit)
    }
  }

  package func close() async {
    do {
      try await client.shutdown()
    } catch {
      // Nothing is left to save; a second close is the only known reason.
    }
  }

  private func prepared(_ request: WireRequest) -> HTTPClientRequest {
    var prepared = HTTPClientRequest(url: origin + request.path)
    prepared.method = request.method == .get ? .GET : .POST
    prepared.headers = [
      "Accept": "application/json",
      "Accept-Encoding": "gzip",
      "Authorization": "Bearer \(request.token.reveal())",
      "Content-Type": "application/json",
      "User-Agent": userAgent,
      "X-Snowflake-Authorization-Token-Type": request.tokenType.rawValue,
    ]
    if request.method == .post { prepared.body = .bytes(request.body) }
    return prepared
  }
}

/// The library's errors in our words; its own may quote header values, and so the token.
private func wireFailure(_ error: any Error, limit: Int) -> WireFailure {
  switch error {
  case let failure as WireFailure: failure
  case let error as HTTPClientError: wireFailure(error)
  case let error as NIOConnectionError: .unreachable(reason(error))
  case is NIOSSLExtraError: .untrusted("the certificate is of another host")
  case let error as NIOSSLError:
    error == .uncleanShutdown
      ? .lost("TLS was not closed properly") : .untrusted(reason(error))
  case is BoringSSLError: .untrusted(reason(error))
  case NIOHTTPDecompression.DecompressionError.limit: .tooLarge(limit: limit)
  case is NIOHTTPDecompression.DecompressionError, is NIOHTTPDecompression.ExtraDecompressionError:
    .lost("the compressed answer is damaged")
  case let error as IOError: wireFailure(errno: error.errnoCode)
  case is HTTPParserError: .lost("the answer was cut short, or is no HTTP")
  case is ChannelError: .lost("the connection was closed")
  case is CancellationError: .cancelled
  default: .lost("\(type(of: error))")
  }
}

private func wireFailure(_ error: HTTPClientError) -> WireFailure {
  switch error {
  case .connectTimeout: .unreachable("no connection within 10 s")
  case .tlsHandshakeTimeout: .unreachable("no TLS handshake within 10 s")
  case .httpProxyHandshakeTimeout: .unreachable("the proxy did not answer within 10 s")
  case .readTimeout, .deadlineExceeded, .getConnectionFromPoolTimeout: .silent
  case .remoteConnectionClosed: .lost("the server closed it")
  case .proxyAuthenticationRequired: .refused("the proxy wants other credentials")
  case .invalidProxyResponse: .refused("the proxy does not let it through")
  case .cancelled: .lost("the request was cancelled")
  default: .lost(error.shortDescription)
  }
}

/// Addresses that are numbers are tried without happy eyeballs, and fail as plain system calls do.
private func wireFailure(errno code: CInt) -> WireFailure {
  switch code {
  case ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, ETIMEDOUT: .unreachable(words(code))
  default: .lost(words(code))
  }
}

private func words(_ errno: CInt) -> String { String(cString: strerror(errno)).lowercased() }

private func reason(_ error: NIOConnectionError) -> String {
  let codes = error.connectionErrors.compactMap { ($0.error as? IOError)?.errnoCode }
  if let code = codes.first { return words(code) }
  return error.connectionErrors.isEmpty
    ? "the name does not resolve" : "no address accepts a connection"
}

private func reason(_ error: any Error) -> String {
  String(describing: error).contains("CERTIFICATE_VERIFY_FAILED")
    ? "the certificate is not trusted" : "the handshake failed"
}
