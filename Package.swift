// swift-tools-version: 6.2
import Foundation
import PackageDescription

/// Settings of every Swift target: Swift 6 mode, warnings are errors.
let house: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .enableUpcomingFeature("InferIsolatedConformances"),
  .treatAllWarnings(as: .error),
  // Lines for backtraces, but not where each variable is: that takes a third of the build.
  .unsafeFlags(["-gline-tables-only"], .when(configuration: .release)),
]

/// Targets that call C also mark every unsafe expression.
let besideC = house + [.strictMemorySafety()]

/// The program holds Swift's libraries, where the toolchain has them to be linked statically.
///
/// It needs no Swift where it runs, and starts in two thirds of the time, most of which goes into
/// finding symbols in shared libraries.
let selfContained: [LinkerSetting] = {
  let tools = (Context.environment["PATH"] ?? "").split(separator: ":").map { "\($0)/swift" }
  guard let swift = tools.first(where: FileManager.default.isExecutableFile(atPath:)) else {
    return []
  }
  let usr = URL(fileURLWithPath: swift).resolvingSymlinksInPath().deletingLastPathComponent()
    .deletingLastPathComponent().path
  let parts = ["CoreFoundation", "_FoundationICU", "_FoundationCShims", "_FoundationCollections"]
  let isThere = parts.allSatisfy {
    FileManager.default.fileExists(atPath: "\(usr)/lib/swift_static/linux/lib\($0).a")
  }
  return isThere ? [.unsafeFlags(["-static-stdlib"] + parts.map { "-l\($0)" })] : []
}()

let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")

let package = Package(
  name: "parity",
  products: [.executable(name: "parity", targets: ["parity"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
    .package(url: "https://github.com/swift-server/async-http-client", exact: "1.37.0"),
    .package(url: "https://github.com/LebJe/TOMLKit", exact: "0.6.0"),
    // Parts of the HTTPS client that the transport names itself; they come with it.
    .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
    .package(url: "https://github.com/apple/swift-nio-extras", exact: "1.35.2"),
  ],
  targets: [
    .systemLibrary(name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
    .systemLibrary(name: "CMalloc"),
    .systemLibrary(name: "CLibYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),

    .target(name: "Diagnostics", swiftSettings: house),
    .target(
      name: "YAMLSource", dependencies: ["Diagnostics", "CLibYAML"], swiftSettings: besideC),
    .target(
      name: "Injection", dependencies: ["Diagnostics", "YAMLSource"], swiftSettings: house),
    .target(
      name: "SpecCore", dependencies: ["Diagnostics", "YAMLSource", "Injection"],
      swiftSettings: house),
    .target(name: "Cryptography", dependencies: [crypto, cryptoExtras], swiftSettings: house),
    .target(name: "Runner", dependencies: ["SpecCore", "Diagnostics"], swiftSettings: house),
    .target(name: "Reporting", dependencies: ["SpecCore", "Diagnostics"], swiftSettings: house),
    .target(
      name: "Evidence", dependencies: ["Diagnostics", "SpecCore", "Reporting", "Cryptography"],
      swiftSettings: house),
    .target(
      name: "PostgresDatabase", dependencies: ["SpecCore", "CLibPQ"], swiftSettings: besideC),
    .target(
      name: "SnowflakeDatabase",
      dependencies: [
        "SpecCore", "Cryptography", "Diagnostics",
        .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "NIOHTTPCompression", package: "swift-nio-extras"),
        .product(name: "TOMLKit", package: "TOMLKit"),
      ], swiftSettings: house),
    .executableTarget(
      name: "parity",
      dependencies: [
        "Diagnostics", "YAMLSource", "Injection", "SpecCore", "Runner", "Reporting", "Evidence",
        "PostgresDatabase", "SnowflakeDatabase", "Cryptography", "CMalloc",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], swiftSettings: house, linkerSettings: selfContained),

    .target(
      name: "TestSupport", dependencies: ["SpecCore", "Diagnostics"], path: "Tests/TestSupport",
      swiftSettings: house),
    tests("DiagnosticsTests", ["Diagnostics", "TestSupport"]),
    tests("YAMLSourceTests", ["YAMLSource", "Diagnostics", "TestSupport"], areMany: true),
    tests(
      "SpecCoreTests", ["SpecCore", "Injection", "YAMLSource", "Diagnostics", "TestSupport"],
      areMany: true),
    tests("RunnerTests", ["Runner", "SpecCore", "Diagnostics", "TestSupport"], areMany: true),
    tests("ReportingTests", ["Reporting", "SpecCore", "Diagnostics", "TestSupport"]),
    tests(
      "InjectionTests", ["Injection", "YAMLSource", "Diagnostics", "TestSupport"], areMany: true),
    tests(
      "EvidenceTests",
      ["Evidence", "Reporting", "SpecCore", "Cryptography", "Diagnostics", "TestSupport"]),
    tests("CryptographyTests", ["Cryptography", crypto, cryptoExtras]),
    tests("PostgresDatabaseTests", ["PostgresDatabase", "SpecCore", "CLibPQ"]),
    tests(
      "SnowflakeDatabaseTests",
      ["SnowflakeDatabase", "SpecCore", "Cryptography", crypto, cryptoExtras]),
    tests("EndToEndTests", []),
    tests("ArchitectureTests", ["TestSupport"]),
  ]
)

/// A test target; its fixtures are read from the folder, not bundled.
///
/// Most tests wait for others and are not optimised themselves, which saves a part of the build; where
/// there are many random cases they are.
func tests(_ name: String, _ dependencies: [Target.Dependency], areMany: Bool = false) -> Target {
  let fixtures = "Tests/\(name)/Fixtures"
  let hasFixtures = FileManager.default.fileExists(
    atPath: "\(Context.packageDirectory)/\(fixtures)")
  let plain: [SwiftSetting] =
    areMany ? [] : [.unsafeFlags(["-Onone"], .when(configuration: .release))]
  return .testTarget(
    name: name, dependencies: dependencies, path: "Tests/\(name)",
    exclude: hasFixtures ? ["Fixtures"] : [], swiftSettings: house + plain)
}
