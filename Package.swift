// swift-tools-version: 6.2
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
]

/// Targets that call C also mark every unsafe expression.
let besideC = house + [.strictMemorySafety()]

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
  ],
  targets: [
    .systemLibrary(name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
    .systemLibrary(name: "CLibYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),

    .target(name: "Diagnostics", swiftSettings: house),
    .target(
      name: "YAMLSource", dependencies: ["Diagnostics", "CLibYAML"], swiftSettings: besideC),
    .target(name: "SpecCore", dependencies: ["Diagnostics", "YAMLSource"], swiftSettings: house),
    .target(name: "Cryptography", dependencies: [crypto, cryptoExtras], swiftSettings: house),
    .target(name: "Runner", dependencies: ["SpecCore", "Diagnostics"], swiftSettings: house),
    .target(name: "Reporting", dependencies: ["SpecCore", "Diagnostics"], swiftSettings: house),
    .target(
      name: "PostgresDatabase", dependencies: ["SpecCore", "CLibPQ"], swiftSettings: besideC),
    .target(
      name: "SnowflakeDatabase",
      dependencies: [
        "SpecCore", "Cryptography",
        .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "TOMLKit", package: "TOMLKit"),
      ], swiftSettings: house),
    .executableTarget(
      name: "parity",
      dependencies: [
        "Diagnostics", "YAMLSource", "SpecCore", "Runner", "Reporting", "PostgresDatabase",
        "SnowflakeDatabase", "Cryptography",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], swiftSettings: house),
  ]
)
